//! Enums in which each variant has one word, which is the same in files, in JSON and in messages.

/// Declares an enum with a word for each variant. Serde, `as_str`, `WORDS` and `Display` all use that word.
macro_rules! words {
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: [$name; [$($word),+].len()] = [$($name::$variant),+];

            /// Every word with its value, in order.
            pub const WORDS: [(&'static str, $name); $name::ALL.len()] = [$(($word, $name::$variant)),+];

            /// Every word, in order.
            pub const NAMES: [&'static str; $name::ALL.len()] = [$($word),+];

            /// The word in files, in JSON and in messages.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;
