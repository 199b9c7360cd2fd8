//! The seed of a built-in tenant, from a file or a text, read with the parser of the configuration.

use std::sync::Arc;

use jiff::Timestamp;

use crate::files::folder::OpenFile;
use crate::files::text::NotRead;
use crate::manifest::typed::read;
use crate::model::finding::Finding;
use crate::model::seed::Seed;
use crate::model::source::Sources;
use crate::provider::port::{ProviderError, ProviderErrorKind};
use crate::provider::seed::SeedSource;

/// The largest seed that is read, in bytes. A seed of 100,000 environments has about 23 MiB.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A seed in a file that is open.
pub struct SeedFile {
    name: Arc<str>,
    file: OpenFile,
}

impl SeedFile {
    /// Wraps an open file; `name` is its name in messages.
    pub fn new(name: impl Into<Arc<str>>, file: OpenFile) -> SeedFile {
        SeedFile { name: name.into(), file }
    }
}

impl SeedSource for SeedFile {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn stamp(&self) -> Option<String> {
        let modified = self.file.modified().and_then(|time| Timestamp::try_from(time).ok());
        Some(format!("{} {}", self.file.length(), modified?))
    }

    fn text(&self) -> Result<String, ProviderError> {
        Ok(self.file.text_up_to(LARGEST).map_err(|why| unreadable(&self.name, &why))?.text)
    }

    fn parse(&self, text: &str) -> Result<Seed, ProviderError> {
        parsed(&self.name, text, self.file.came_through_link())
    }
}

/// A seed from a text.
#[derive(Clone, Debug)]
pub struct GivenSeed {
    name: Arc<str>,
    text: String,
}

impl GivenSeed {
    /// Wraps a text; `name` is the name of its file in messages.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<String>) -> Arc<GivenSeed> {
        Arc::new(GivenSeed { name: name.into(), text: text.into() })
    }
}

impl SeedSource for GivenSeed {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn stamp(&self) -> Option<String> {
        None
    }

    fn text(&self) -> Result<String, ProviderError> {
        Ok(self.text.clone())
    }

    fn parse(&self, text: &str) -> Result<Seed, ProviderError> {
        parsed(&self.name, text, false)
    }
}

/// The error for a seed that cannot be read.
pub fn unreadable(name: &str, why: &NotRead) -> ProviderError {
    let help = match why {
        NotRead::LeadsOut | NotRead::OfGit => "replace the link with the file itself",
        _ => "a seed is a YAML file in UTF-8 that this user may read",
    };
    ProviderError::new(ProviderErrorKind::Malformed, format!("the seed {name} cannot be read: {why}")).help(help)
}

fn parsed(name: &Arc<str>, text: &str, is_linked: bool) -> Result<Seed, ProviderError> {
    let unusable = |place: &str, why: &str| {
        let message = format!("the seed {name}{place} cannot be used: {why}");
        ProviderError::new(ProviderErrorKind::Malformed, message)
            .help("`allot emulate --help` shows everything that a seed can hold")
    };
    let mut sources = Sources::new();
    let source = sources.add(Arc::clone(name), text);
    let read: Seed = read(source, text).map_err(|findings| {
        let Some(first) = findings.iter().find(|finding| finding.is_error()) else {
            return unusable("", "it is empty");
        };
        let place = first.primary.as_ref().map(|label| sources.place(label.span));
        let place = place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
        let others = findings.iter().filter(|finding| finding.is_error()).count() - 1;
        let more = if others == 0 { String::new() } else { format!(" (and {others} more)") };
        unusable(&place, &format!("{}{more}", shown(first, is_linked)))
    })?;
    read.check().map_err(|why| unusable("", if is_linked { LINKED } else { &why }))?;
    Ok(read)
}

const LINKED: &str = "it is read through a link, so its content is not shown";

fn shown(finding: &Finding, is_linked: bool) -> &str {
    if is_linked { LINKED } else { &finding.message }
}
