//! Recognises response bodies of proxies and sign-in pages: HTML, and a byte order mark before the text.

/// The most bytes of a title that are shown.
const LONGEST_TITLE: usize = 80;

/// A body without the byte order mark before it (RFC 8259, 8.1, lets a parser ignore the mark).
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Whether a body is an HTML page.
pub fn is_html(body: &[u8]) -> bool {
    let text = without_mark(body).trim_ascii_start();
    let begins = |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
    ["<!doctype html", "<html", "<head", "<body", "<title", "<!--"].into_iter().any(begins)
}

/// The title of an HTML page, in one line; empty if it has none. `None` if the body is no HTML page.
pub fn title(body: &[u8]) -> Option<String> {
    if !is_html(body) {
        return None;
    }
    let text = String::from_utf8_lossy(without_mark(body));
    // Only ASCII letters change, so every position stays the same.
    let lower = text.to_ascii_lowercase();
    let inside = lower.find("<title").and_then(|at| Some(at + lower[at..].find('>')? + 1));
    let title = inside.and_then(|from| Some(&text[from..from + lower[from..].find("</title")?]));
    let words = title.unwrap_or_default().split(|letter: char| letter.is_whitespace() || letter.is_control());
    let mut line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.len() > LONGEST_TITLE {
        line.truncate(line.floor_char_boundary(LONGEST_TITLE));
        line.push('…');
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::{title, without_mark};

    #[test]
    fn the_title_of_a_page_is_one_line() {
        for (body, expected) in [
            ("<!DOCTYPE html><html><head><title>Access\n denied</title></head></html>", Some("Access denied")),
            ("\u{feff}\n<HTML><TITLE lang=en>Sign in</TITLE>", Some("Sign in")),
            ("<html><body>no title</body></html>", Some("")),
            ("<html><title>cut", Some("")),
            ("<html><title", Some("")),
            ("<html>É<title>É\u{1b}x</title>", Some("É x")),
            ("<feed/>", None),
            ("[1]", None),
            ("", None),
        ] {
            assert_eq!(title(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert!(title(format!("<html><title>{}</title>", "é".repeat(99)).as_bytes()).unwrap().len() < 90);
        assert_eq!(without_mark(b"\xef\xbb\xbf[]"), b"[]");
    }
}
