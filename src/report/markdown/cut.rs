//! The parts that a comment leaves out if it would be too long, in their order.

use crate::report::safe::comment::Markdown;

/// The first limit for findings and for the changes of each kind. Of the changes, the largest are kept.
const FIRST_LIMIT: usize = 50;

/// Which parts of a comment are shown. Numbers are upper limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Whether to show pools that are "ok" and that the plan does not change.
    pub(super) unchanged_pools: bool,
    /// Whether to show the levels on later days.
    pub(super) forecast: bool,
    /// Whether to show the writes.
    pub(super) writes: bool,
    /// Increases and new allocations.
    pub(super) increases: usize,
    /// Decreases and releases.
    pub(super) decreases: usize,
    /// Changes of switches.
    pub(super) switches: usize,
    /// Whether to show notes and help of findings.
    pub(super) explanations: bool,
    /// Findings that do not block, in the folded section.
    pub(super) findings: usize,
    /// Warnings outside the folded section.
    pub(super) warnings: usize,
    /// Pools.
    pub(super) pools: usize,
    /// Errors.
    pub(super) errors: usize,
}

impl Shown {
    /// No limits.
    pub(super) const ALL: Shown = Shown {
        unchanged_pools: true,
        forecast: true,
        writes: true,
        increases: usize::MAX,
        decreases: usize::MAX,
        switches: usize::MAX,
        explanations: true,
        findings: usize::MAX,
        warnings: usize::MAX,
        pools: usize::MAX,
        errors: usize::MAX,
    };

    /// Limits, each stricter than the one before. Blocking errors are cut late, if there are very many. Pools that change or are not "ok"
    /// are cut last, and only for a limit below every host's.
    pub(super) fn ladder() -> impl Iterator<Item = Shown> {
        // Hundreds of similar findings must not push out other parts, so findings are cut first.
        let findings = Shown { findings: FIRST_LIMIT, ..Shown::ALL };
        let pools = Shown { unchanged_pools: false, ..findings };
        let forecast = Shown { forecast: false, ..pools };
        let writes = Shown { writes: false, ..forecast };
        let increases = Shown { increases: FIRST_LIMIT, ..writes };
        let decreases = Shown { decreases: FIRST_LIMIT, ..increases };
        let switches = Shown { switches: FIRST_LIMIT, ..decreases };
        let explanations = Shown { explanations: false, findings: 0, ..switches };
        let fewer =
            [25, 12, 6, 3, 0].map(|rows| Shown { increases: rows, decreases: rows, switches: rows, ..explanations });
        let errors = [1_600, 800, 400, 200, 100, 50, 25].map(|rows| Shown { errors: rows, ..fewer[4] });
        let least = [12, 6, 3, 1, 0].map(|rows| Shown { pools: rows, errors: rows, warnings: rows, ..fewer[4] });
        [Shown::ALL, findings, pools, forecast, writes, increases, decreases, switches, explanations]
            .into_iter()
            .chain(fewer)
            .chain(errors)
            .chain(least)
    }
}

/// The most complete text of at most `budget` characters; the shortest text if none fits.
pub(super) fn fit(budget: usize, render: impl Fn(&Shown) -> Markdown) -> Markdown {
    let mut text = Markdown::default();
    for shown in Shown::ladder() {
        text = render(&shown);
        if text.fits(budget) {
            return text;
        }
    }
    text
}
