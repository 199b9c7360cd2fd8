//! The differences between the tenant and the configuration.

use super::{lines, rows};
use crate::report::number::count;
use crate::report::style::{Style, Tone};
use crate::report::view::validate::{DriftVerdict, DriftView};

/// Each difference as the change that would make the tenant match the configuration.
pub fn drift(view: &DriftView, style: &Style) -> String {
    let mut text = lines::opening("Drift", &view.tenant, view.provider, &format!("on {}", view.date), style);
    text.push('\n');
    match view.verdict {
        DriftVerdict::InSync => {
            text.push_str(&format!("{} The tenant matches the configuration.\n", style.paint(Tone::Good, "No drift.")));
        }
        DriftVerdict::PartlyRead => {
            let rest = "All that could be read matches the configuration.";
            text.push_str(&format!("{} {rest}\n", style.paint(Tone::Bad, "Not all of the tenant could be read.")));
        }
        DriftVerdict::Drifted => {
            text.push_str(&lines::title("Changes that would make the tenant match the configuration", style));
            text.push_str(&rows::changes(view.cells.iter(), style));
            if let Some(setting) = &view.setting {
                text.push_str(&lines::setting(setting, style));
            }
            let cells = u64::try_from(view.cells.len()).unwrap_or(u64::MAX) + u64::from(view.setting.is_some());
            let differences = count(cells, "difference", "differences");
            text.push_str(&format!("\n{} {differences}.\n", style.paint(Tone::Bad, "Drift:")));
        }
    }
    text.push_str(&lines::not_checked(&view.not_checked, style));
    text
}
