//! Calendar days as people write them, in files and on the command line.

use jiff::civil::Date;

/// Why a text is not a day in the form `2027-03-31`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADay {
    /// The text has the form, and the calendar has no such day.
    #[error("the calendar has no such day")]
    NoSuchDay,
    /// The text has another form. Contains the day that was meant, if the text allows only one.
    #[error("not a date")]
    OtherForm(Option<Date>),
}

impl NotADay {
    /// What to write instead.
    pub fn help(&self) -> String {
        match self {
            NotADay::OtherForm(Some(meant)) => format!("write {meant}"),
            NotADay::OtherForm(None) | NotADay::NoSuchDay => "write year, month and day: 2027-03-31".to_owned(),
        }
    }
}

/// Reads a day in the form `2027-03-31`.
///
/// # Errors
///
/// If the text has another form, or the calendar has no such day.
pub fn day(text: &str) -> Result<Date, NotADay> {
    let has_form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    match has_form {
        true => text.parse().map_err(|_| NotADay::NoSuchDay),
        false => Err(NotADay::OtherForm(meant(text))),
    }
}

/// The day that a text in another form means: `2027-3-1`, `2027/03/01`, `20270301` or `1.3.2027`. `03/01/2027` gives
/// `None`, because it can be 3 January or 1 March.
fn meant(text: &str) -> Option<Date> {
    let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i16>().ok())?;
    let parts: Vec<&str> = match (text.len(), text.is_ascii()) {
        (8, true) if number(text.get(..4)?).is_some() && !text.contains(['-', '/', '.']) => {
            vec![text.get(..4)?, text.get(4..6)?, text.get(6..)?]
        }
        _ => text.split(['-', '/', '.']).collect(),
    };
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) = match (first.len(), third.len()) {
        (4, 1 | 2) => (first, second, third),
        (1 | 2, 4) if text.contains('.') => (third, second, first),
        _ => return None,
    };
    Date::new(number(year)?, number(month)?.try_into().ok()?, number(day)?.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{NotADay, day};

    #[test]
    fn one_form_is_read_and_others_get_a_suggestion() {
        assert_eq!(day("2027-03-31"), Ok(date(2027, 3, 31)));
        assert_eq!(day("2027-02-30"), Err(NotADay::NoSuchDay));
        for text in ["01.03.2027", "1.3.2027", "2027-3-1", "2027/03/01", "2027.3.1", "20270301"] {
            assert_eq!(day(text), Err(NotADay::OtherForm(Some(date(2027, 3, 1)))), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "01/03/2027",
            "2027-03",
            "31.02.2027",
            "2027-03-01T00:00",
            "²027-03-01",
            "1.3.27",
            "2027W031",
        ] {
            assert_eq!(day(text), Err(NotADay::OtherForm(None)), "{text}");
        }
        assert_eq!(NotADay::OtherForm(Some(date(2027, 3, 1))).help(), "write 2027-03-01");
    }
}
