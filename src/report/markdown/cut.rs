//! What is left out of a comment that would be too long, and in which order.

/// The largest changes of a kind that are kept to the end.
const LARGEST: usize = 50;

/// How much of a comment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Pools that the plan does not change and that have room.
    pub(super) unchanged_pools: bool,
    /// How full pools are on later days.
    pub(super) forecast: bool,
    /// The writes.
    pub(super) writes: bool,
    /// The most changes that add.
    pub(super) increases: usize,
    /// The most changes that take away.
    pub(super) decreases: usize,
    /// The most changes of switches.
    pub(super) switches: usize,
    /// Notes and help of findings.
    pub(super) explanations: bool,
    /// The most findings that do not block, folded.
    pub(super) findings: usize,
    /// The most warnings that stand open.
    pub(super) warnings: usize,
    /// The most pools.
    pub(super) pools: usize,
    /// The most errors.
    pub(super) errors: usize,
}

impl Shown {
    /// Everything.
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

    /// Less and less. What blocks, and the pools, go last, and only where a comment is shorter than any host's.
    pub(super) fn ladder() -> impl Iterator<Item = Shown> {
        // Hundreds of findings of one kind are no reason to leave out anything else.
        let findings = Shown { findings: LARGEST, ..Shown::ALL };
        let pools = Shown { unchanged_pools: false, ..findings };
        let forecast = Shown { forecast: false, ..pools };
        let writes = Shown { writes: false, ..forecast };
        let increases = Shown { increases: LARGEST, ..writes };
        let decreases = Shown { decreases: LARGEST, ..increases };
        let switches = Shown { switches: LARGEST, ..decreases };
        let explanations = Shown { explanations: false, findings: 0, ..switches };
        let fewer =
            [25, 12, 6, 3, 0].map(|rows| Shown { increases: rows, decreases: rows, switches: rows, ..explanations });
        let least = [12, 6, 3, 1, 0].map(|rows| Shown { pools: rows, errors: rows, warnings: rows, ..fewer[4] });
        [Shown::ALL, findings, pools, forecast, writes, increases, decreases, switches, explanations]
            .into_iter()
            .chain(fewer)
            .chain(least)
    }
}

/// The fullest text that has room: characters are counted as hosts do, one for each Unicode scalar value.
pub(super) fn fit(budget: usize, render: impl Fn(&Shown) -> String) -> String {
    let mut text = String::new();
    for shown in Shown::ladder() {
        text = render(&shown);
        // Counting bytes is cheaper, and as good where it is enough.
        if text.len() <= budget || text.chars().count() <= budget {
            return text;
        }
    }
    text
}
