//! Calendar days as people write them, in files and on the command line.

use jiff::ToSpan;
use jiff::civil::Date;

/// Why a text is not a day in the form `2027-03-31`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADay {
    /// The calendar has no such day. Contains the last day of the month, if the calendar has the month.
    #[error("the calendar has no such day")]
    NoSuchDay(Option<Date>),
    /// The text has another form. Contains the days that it can mean, at most two.
    #[error("not a date")]
    OtherForm(Vec<Date>),
}

impl NotADay {
    /// What to write instead.
    pub fn help(&self) -> String {
        match self {
            NotADay::NoSuchDay(Some(last)) => format!("the last day of that month is {last}"),
            NotADay::NoSuchDay(None) => "a date is year, month and day: 2027-03-31 is the 31st of March".to_owned(),
            NotADay::OtherForm(days) => match days.as_slice() {
                [] => "write year, month and day: 2027-03-31".to_owned(),
                [meant] => format!("write {meant}"),
                [first, others @ ..] => {
                    let others = others.iter().map(|other| format!(" or {other}")).collect::<String>();
                    format!("write {first}{others}: year, month and day")
                }
            },
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
        true => text.parse().map_err(|_| NotADay::NoSuchDay(last_of_month(text))),
        false => Err(meant(text)),
    }
}

/// The last day of the month of a text in the form `2027-02-30`.
fn last_of_month(text: &str) -> Option<Date> {
    let (year, month) = (text.get(..4)?.parse().ok()?, text.get(5..7)?.parse().ok()?);
    Date::new(year, month, 1).ok().map(Date::last_of_month)
}

/// A day that may not exist.
#[derive(Clone, Copy)]
struct Parts {
    year: i16,
    month: i8,
    day: i8,
}

impl Parts {
    fn date(self) -> Option<Date> {
        Date::new(self.year, self.month, self.day).ok()
    }
}

/// What a text in another form means. A text whose only meaning is a day that does not exist is [`NotADay::NoSuchDay`].
fn meant(text: &str) -> NotADay {
    /// The longest text that is taken for a date.
    const LONGEST: usize = 40;
    let parts = if text.len() > LONGEST { Vec::new() } else { all_parts(text).unwrap_or_default() };
    let mut days: Vec<Date> = parts.iter().filter_map(|parts| parts.date()).collect();
    days.dedup();
    match parts.as_slice() {
        [only] if days.is_empty() => match Date::new(only.year, only.month, 1) {
            Ok(first) => NotADay::NoSuchDay(Some(first.last_of_month())),
            Err(_) => NotADay::OtherForm(days),
        },
        _ => NotADay::OtherForm(days),
    }
}

/// The days that a text may mean: `2027-3-1`, `2027/03/01`, `20270301`, `1.3.2027`, `2027-03-01T00:00`, `1 March 2027`, the number by which
/// Excel stores a day. `03/01/2027` may be 3 January or 1 March.
fn all_parts(text: &str) -> Option<Vec<Parts>> {
    let text = text.trim();
    // A time that follows a date.
    if let Some((date, time)) = text.split_once(['T', ' '])
        && time.contains(':')
        && time.starts_with(|first: char| first.is_ascii_digit())
    {
        return match day(date) {
            Ok(date) => Some(vec![Parts { year: date.year(), month: date.month(), day: date.day() }]),
            Err(_) => all_parts(date),
        };
    }
    let tokens: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|token| !token.is_empty()).collect();
    match tokens.as_slice() {
        [digits] => unseparated(digits).map(|parts| vec![parts]),
        [first, second, third] => {
            let named = [(first, second, third), (second, first, third)]
                .into_iter()
                .find_map(|(day, month, year)| Some(parts(year, month_of(month)?, day)));
            match (first.len(), third.len()) {
                _ if named.is_some() => named?.map(|parts| vec![parts]),
                (4, 1 | 2) => Some(vec![parts(first, second.parse().ok()?, third)?]),
                (1 | 2, 4) if text.contains('.') => Some(vec![parts(third, second.parse().ok()?, first)?]),
                (1 | 2, 4) => {
                    let orders = [(second, first), (first, second)].map(|(day, month)| {
                        let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
                        parts(third, month, day)
                    });
                    Some(orders.into_iter().flatten().collect())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn parts(year: &str, month: i8, day: &str) -> Option<Parts> {
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let day = day.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    (year.len() == 4 && are_digits(year) && are_digits(day)).then_some(())?;
    Some(Parts { year: year.parse().ok()?, month, day: day.parse().ok()? })
}

/// `20270301`, or the number of days by which Excel stores a day between 1982 and 2119.
fn unseparated(digits: &str) -> Option<Parts> {
    let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i16>().ok())?;
    match digits.len() {
        8 if digits.is_ascii() => {
            let (month, day) = (number(digits.get(4..6)?)?, digits.get(6..)?);
            parts(digits.get(..4)?, i8::try_from(month).ok()?, day)
        }
        5 => {
            let days: i64 = digits.parse().ok().filter(|days| (30_000..=80_000).contains(days))?;
            let date = Date::new(1899, 12, 30).ok()?.checked_add(days.days()).ok()?;
            Some(Parts { year: date.year(), month: date.month(), day: date.day() })
        }
        _ => None,
    }
}

/// The number of a month by the first letters of its English or German name.
fn month_of(name: &str) -> Option<i8> {
    const MONTHS: [&[&str]; 12] = [
        &["jan"],
        &["feb"],
        &["mar", "mär", "mrz"],
        &["apr"],
        &["may", "mai"],
        &["jun"],
        &["jul"],
        &["aug"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez"],
    ];
    let name = name.to_lowercase();
    let is_begun = |begins: &&[&str]| begins.iter().any(|begin| name.starts_with(begin));
    (1..).zip(MONTHS.iter()).find(|(_, begins)| is_begun(begins)).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::{NotADay, day};

    #[test]
    fn one_form_is_read_and_others_get_a_suggestion() {
        assert_eq!(day("2027-03-31"), Ok(date(2027, 3, 31)));
        for text in [
            "01.03.2027",
            "1.3.2027",
            "2027-3-1",
            "2027/03/01",
            "2027.3.1",
            "20270301",
            "2027-03-01T00:00",
            "2027-03-01T00:00:00Z",
            "2027-03-01 00:00:00",
            "01.03.2027 00:00",
            "1 March 2027",
            "1. März 2027",
            "Mar 1, 2027",
            "1st March 2027",
            "01-Mar-2027",
            "46447",
        ] {
            assert_eq!(day(text), Err(NotADay::OtherForm(vec![date(2027, 3, 1)])), "{text}");
        }
        for text in
            ["", "tomorrow", "2027-03", "²027-03-01", "1.3.27", "2027W031", "99999", "1/2/3/2027", "T00:00", "Ä"]
        {
            assert_eq!(day(text), Err(NotADay::OtherForm(Vec::new())), "{text}");
        }
        assert_eq!(day(&"1.".repeat(1_000_000)), Err(NotADay::OtherForm(Vec::new())));
        assert_eq!(NotADay::OtherForm(vec![date(2027, 3, 1)]).help(), "write 2027-03-01");
    }

    #[test]
    fn a_day_before_or_after_its_month_is_decided_by_the_numbers_or_asked() {
        let days = |text: &str| match day(text) {
            Err(NotADay::OtherForm(days)) => days,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(days("12/31/2026"), [date(2026, 12, 31)]);
        assert_eq!(days("31/12/2026"), [date(2026, 12, 31)]);
        assert_eq!(days("31-12-2026"), [date(2026, 12, 31)]);
        assert_eq!(days("03/03/2027"), [date(2027, 3, 3)]);
        assert_eq!(days("01/03/2027"), [date(2027, 1, 3), date(2027, 3, 1)]);
        let help = NotADay::OtherForm(days("01/03/2027")).help();
        assert_eq!(help, "write 2027-01-03 or 2027-03-01: year, month and day");
    }

    #[test]
    fn a_day_that_does_not_exist_is_not_a_question_of_form() {
        let last = |last: Date| Err(NotADay::NoSuchDay(Some(last)));
        assert_eq!(day("2027-02-30"), last(date(2027, 2, 28)));
        assert_eq!(day("2028-02-30"), last(date(2028, 2, 29)));
        assert_eq!(day("31.02.2027"), last(date(2027, 2, 28)));
        assert_eq!(day("30 February 2027"), last(date(2027, 2, 28)));
        assert_eq!(day("2027-13-01"), Err(NotADay::NoSuchDay(None)));
        assert_eq!(NotADay::NoSuchDay(Some(date(2027, 2, 28))).help(), "the last day of that month is 2027-02-28");
    }
}
