//! The table of environments by add-on.

use crate::report::marks;
use crate::report::number::{number, signed};
use crate::report::safe::html::name;
use crate::report::view::holdings::{HolderGroup, HolderRow, HoldingView, HoldingsView, STEPS_FROM};

/// The table, ready for the template.
pub(super) struct Matrix {
    pub(super) columns: Vec<String>,
    pub(super) groups: Vec<MatrixGroup>,
    pub(super) empty: Option<String>,
    pub(super) incomplete: Option<String>,
    pub(super) ramp: Vec<String>,
}

/// Rows of one group.
pub(super) struct MatrixGroup {
    pub(super) title: &'static str,
    pub(super) number: String,
    pub(super) rows: Vec<MatrixRow>,
}

/// The row of an environment.
pub(super) struct MatrixRow {
    pub(super) name: String,
    pub(super) note: Option<&'static str>,
    pub(super) cells: Vec<Option<MatrixCell>>,
    pub(super) unknown: Option<String>,
}

/// The units of one add-on in one environment.
pub(super) struct MatrixCell {
    pub(super) step: u8,
    pub(super) is_managed: bool,
    pub(super) after: String,
    pub(super) change: Option<CellChange>,
}

/// The change of a cell.
pub(super) struct CellChange {
    pub(super) before: Option<String>,
    pub(super) sign: &'static str,
    pub(super) word: String,
}

impl Matrix {
    pub(super) fn new(view: &HoldingsView) -> Matrix {
        let columns = view.add_ons.len();
        let group = |(group, title): (HolderGroup, &'static str)| {
            let rows: Vec<MatrixRow> =
                view.rows.iter().filter(|row| row.group == group).map(|holder| row(holder, columns)).collect();
            MatrixGroup { title, number: number(rows.len()), rows }
        };
        let groups = [
            (HolderGroup::Changes, "Changed by this plan"),
            (HolderGroup::Stays, "Declared and unchanged"),
            (HolderGroup::Undeclared, "Named by no file, not changed"),
            (HolderGroup::Unknown, "Unknown"),
        ];
        Matrix {
            columns: view.add_ons.iter().map(|add_on| name(&add_on.name).into_owned()).collect(),
            groups: groups.into_iter().map(group).filter(|group| !group.rows.is_empty()).collect(),
            empty: match view.empty {
                0 => None,
                1 => Some("1 environment that holds nothing is left out.".to_owned()),
                all => Some(format!("{} environments that hold nothing are left out.", number(all))),
            },
            incomplete: view.incomplete.as_deref().map(|why| name(why).into_owned()),
            ramp: ramp(),
        }
    }
}

fn row(holder: &HolderRow, columns: usize) -> MatrixRow {
    let mut cells: Vec<Option<MatrixCell>> = (0..columns).map(|_| None).collect();
    for holding in &holder.cells {
        if let Some(slot) = cells.get_mut(holding.column) {
            *slot = Some(cell(holding));
        }
    }
    MatrixRow {
        name: name(&holder.name).into_owned(),
        note: holder.is_deleted.then_some("deleted"),
        cells,
        unknown: holder.unknown.as_deref().map(|why| name(why).into_owned()),
    }
}

fn cell(holding: &HoldingView) -> MatrixCell {
    let HoldingView { before, after, .. } = *holding;
    let change = holding.change.map(|kind| CellChange {
        before: (before != after).then(|| number(before)),
        sign: marks::of_change(kind),
        word: if before == after {
            kind.as_str().to_owned()
        } else {
            format!("{} {}", kind.as_str(), signed(after.difference(before)).trim_start_matches(['+', '−']))
        },
    });
    MatrixCell { step: holding.step, is_managed: holding.is_managed, after: number(after), change }
}

/// The share of a pool that each step of the color ramp means.
fn ramp() -> Vec<String> {
    let mut words = vec![format!("below {}%", STEPS_FROM[0])];
    words.extend(STEPS_FROM.windows(2).filter_map(|pair| Some(format!("{} to {}%", pair.first()?, pair.last()?))));
    words.extend(STEPS_FROM.last().map(|last| format!("{last}% and more")));
    words
}

impl MatrixCell {
    /// The cell's classes in the style sheet.
    pub(super) fn class(&self) -> String {
        let ramp = (self.step > 0).then(|| format!("s{}", self.step));
        let more = match (&self.change, self.is_managed) {
            (Some(_), _) => Some("ch".to_owned()),
            (None, false) => Some("un".to_owned()),
            (None, true) => None,
        };
        ramp.into_iter().chain(more).collect::<Vec<_>>().join(" ")
    }
}
