//! A list of the service: a bare array, or an array under `value`, which proxies and newer versions were seen to send.

use serde::{Deserialize, Deserializer};

/// The rows of a list in either form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rows<T>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "neither a list nor an object with a list under `value`")]
        enum Either<T> {
            Bare(Vec<T>),
            Under { value: Vec<T> },
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Bare(rows) | Either::Under { value: rows } => Rows(rows),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn a_list_is_read_in_either_form() {
        for text in ["[1,2]", r#"{"value":[1,2]}"#, r#"{"@odata.context":"x","value":[1,2]}"#] {
            assert_eq!(serde_json::from_str::<Rows<u8>>(text).unwrap(), Rows(vec![1, 2]), "{text}");
        }
        for text in ["{}", "null", r#"{"value":null}"#, r#"["a"]"#] {
            let error = serde_json::from_str::<Rows<u8>>(text).unwrap_err().to_string();
            assert!(error.contains("neither a list nor an object"), "{error}");
        }
    }
}
