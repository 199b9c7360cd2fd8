//! The subset of OData's `$filter` that clients use: `a eq 'x' and b in (y,z)`. Quotes are optional: Microsoft's tutorial has them in
//! PowerShell, but not in C# and Python.

/// A filter: fields in lower case, each with its permitted values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<(String, Vec<String>)>);

impl Filter {
    /// Parses a filter. A missing filter passes every row.
    ///
    /// # Errors
    ///
    /// If a clause is malformed.
    pub fn parse(text: Option<&str>) -> Result<Filter, String> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(Filter::default()) };
        split_and(text).into_iter().map(clause).collect::<Result<_, _>>().map(Filter)
    }

    /// The permitted values of a field; `None` if the filter does not restrict it.
    pub fn values(&self, field: &str) -> Option<&[String]> {
        let clause = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        clause.map(|(_, values)| values.as_slice())
    }

    /// Whether a row passes. `value` returns the row's value of a field; a row without a value does not pass.
    pub fn passes(&self, value: impl Fn(&str) -> Option<String>) -> bool {
        self.0.iter().all(|(field, values)| {
            value(field).is_some_and(|stated| values.iter().any(|wanted| wanted.eq_ignore_ascii_case(&stated)))
        })
    }
}

fn split_and(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    let mut clauses = Vec::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(" and ") {
        clauses.push(&text[from..at]);
        from = at + found.len();
    }
    clauses.push(&text[from..]);
    clauses
}

fn clause(text: &str) -> Result<(String, Vec<String>), String> {
    let unreadable = || format!("The query filter clause '{text}' is not valid.");
    let mut words = text.trim().splitn(3, ' ');
    let (Some(field), Some(operator), Some(rest)) = (words.next(), words.next(), words.next()) else {
        return Err(unreadable());
    };
    let rest = rest.trim();
    let values = match operator.to_ascii_lowercase().as_str() {
        "eq" => vec![rest],
        "in" => {
            let list = rest.strip_prefix('(').and_then(|list| list.strip_suffix(')')).ok_or_else(unreadable)?;
            list.split(',').collect()
        }
        _ => return Err(unreadable()),
    };
    let values: Vec<String> = values.into_iter().map(|value| value.trim().trim_matches('\'').to_owned()).collect();
    if values.iter().any(String::is_empty) {
        return Err(unreadable());
    }
    Ok((field.to_ascii_lowercase(), values))
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn quotes_are_optional() {
        for text in [
            "environmentId eq 'a' and EntitlementId in ('MCSMessages','AI')",
            "environmentId eq a AND entitlementid IN (MCSMessages, AI)",
        ] {
            let filter = Filter::parse(Some(text)).unwrap();
            assert_eq!(filter.values("environmentId").unwrap(), ["a"]);
            assert_eq!(filter.values("entitlementId").unwrap(), ["MCSMessages", "AI"]);
            assert_eq!(filter.values("geo"), None);
        }
        assert!(Filter::parse(Some("environmentId")).is_err());
        assert!(Filter::parse(Some("a gt 3")).is_err());
        assert_eq!(Filter::parse(None).unwrap(), Filter::default());
    }
}
