//! Paths in messages and reports: with `/` on every system, so that the same input gives the same bytes everywhere.

use std::path::{MAIN_SEPARATOR, Path};

/// The path, written with `/`. The result is also a valid path on Windows, which accepts both separators.
pub fn slashed(path: &Path) -> String {
    with_slashes(path.display().to_string(), MAIN_SEPARATOR)
}

/// Replaces the separator of the system. If that is `/`, a backslash is part of a name and remains.
fn with_slashes(path: String, separator: char) -> String {
    if separator == '/' { path } else { path.replace(separator, "/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_with_slashes_on_every_system() {
        for (path, separator, expected) in [
            (r"environments\hr.yaml", '\\', "environments/hr.yaml"),
            (r".\environments/hr.yaml", '\\', "./environments/hr.yaml"),
            (r"C:\work\allotment.yaml", '\\', "C:/work/allotment.yaml"),
            ("environments/hr.yaml", '/', "environments/hr.yaml"),
            (r"odd\name.yaml", '/', r"odd\name.yaml"),
        ] {
            assert_eq!(with_slashes(path.to_owned(), separator), expected, "{path}");
        }
        assert_eq!(slashed(&Path::new("environments").join("hr.yaml")), "environments/hr.yaml");
    }
}
