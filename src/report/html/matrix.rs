//! The table of environments by add-on.

use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::safe::html::name;
use crate::report::view::holdings::{HolderGroup, HolderRow, HoldingView, HoldingsView, STEPS_FROM};

/// The table, ready for the template.
pub(super) struct Matrix<'a> {
    pub(super) holdings: &'a HoldingsView,
    pub(super) columns: Vec<String>,
    pub(super) groups: Vec<MatrixGroup<'a>>,
    pub(super) empty: Option<String>,
    pub(super) incomplete: Option<String>,
    pub(super) ramp: Vec<String>,
}

/// Rows of one group.
pub(super) struct MatrixGroup<'a> {
    pub(super) title: &'static str,
    pub(super) rows: Vec<&'a HolderRow>,
}

impl<'a> Matrix<'a> {
    pub(super) fn new(view: &'a HoldingsView) -> Matrix<'a> {
        let group = |(group, title): (HolderGroup, &'static str)| MatrixGroup {
            title,
            rows: view.rows.iter().filter(|row| row.group == group).collect(),
        };
        let groups = [
            (HolderGroup::Changes, "Changed by this plan"),
            (HolderGroup::Stays, "Declared and unchanged"),
            (HolderGroup::Undeclared, "Not declared, not changed"),
            (HolderGroup::Unknown, "Unknown"),
        ];
        Matrix {
            holdings: view,
            columns: view.add_ons.iter().map(|add_on| name(add_on.display_name()).into_owned()).collect(),
            groups: groups.into_iter().map(group).filter(|group| !group.rows.is_empty()).collect(),
            empty: (view.empty > 0).then(|| {
                let (one, many) = ("environment that holds nothing is", "environments that hold nothing are");
                format!("{} left out.", count(view.empty as u64, one, many))
            }),
            incomplete: view.incomplete.as_deref().map(|why| name(why).into_owned()),
            ramp: ramp(),
        }
    }

    /// The cells of a row, one for each column.
    pub(super) fn cells(&self, row: &'a HolderRow) -> impl Iterator<Item = Option<&'a HoldingView>> {
        self.holdings.add_ons.iter().map(|add_on| row.cells.get(add_on))
    }
}

/// The change of a cell: its sign, a word and the difference; `None` if the cell does not change.
pub(super) fn change(cell: &HoldingView) -> Option<String> {
    let kind = cell.change?;
    let difference = match cell.after.difference(cell.before) {
        0 => String::new(),
        difference => format!(" {}", number(difference.unsigned_abs())),
    };
    Some(format!("{} {}{difference}", marks::of_change(kind), kind.as_str()))
}

/// The cell's classes in the style sheet.
pub(super) fn class(cell: &HoldingView) -> String {
    let ramp = (cell.step > 0).then(|| format!("s{}", cell.step));
    let more = match (cell.change, cell.is_managed) {
        (Some(_), _) => Some("ch".to_owned()),
        (None, false) => Some("un".to_owned()),
        (None, true) => None,
    };
    ramp.into_iter().chain(more).collect::<Vec<_>>().join(" ")
}

/// The legend of the color ramp: the share of a pool that each color means.
fn ramp() -> Vec<String> {
    let mut words = vec![format!("below {}%", STEPS_FROM[0])];
    words.extend(STEPS_FROM.windows(2).filter_map(|pair| Some(format!("{} to {}%", pair.first()?, pair.last()?))));
    words.extend(STEPS_FROM.last().map(|last| format!("{last}% and more")));
    words
}
