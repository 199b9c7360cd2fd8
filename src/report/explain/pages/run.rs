//! Pages about runs: plans that were saved, writes, and other runs.

use crate::report::explain::page::{Example, Page};

pub(super) const A501: Page = Page {
    meaning: "A plan that was saved no longer fits: an amount that it touches, what was purchased, who may allocate, or \
        the rules are not what they were; or a grant or a purchase began or ended since its day. What was reviewed \
        would not be what happens, so nothing is written. Other environments may have changed.",
    example: Example::Told {
        situation: "`allot plan --out hr.json` said that hr-prod goes from 110 to 120. Then somebody gave it 115 in \
            the admin center, and `allot apply hr.json` stops. A plan that was applied already is stale, too.",
        because: "it takes a saved plan and a change after it",
    },
    remedy: "Each message says what moved. Make a new plan, look at it, and apply that: `allot plan --out FILE`, \
        then `allot apply FILE`.",
    allow: None,
};

pub(super) const A502: Page = Page {
    meaning: "Somebody else is applying to the same tenant. Two runs at once would each reckon with units that the \
        other hands out. This code is kept for that; this version keeps no lease and does not report it.",
    example: Example::Told {
        situation: "A pipeline applies the main branch, and somebody runs `allot apply` on a laptop meanwhile.",
        because: "nothing raises it yet",
    },
    remedy: "Wait for the other run to end, then plan again. Until there is a lease, let one pipeline do all the \
        applying. A write is sent only where its environment was just read and is as planned.",
    allow: None,
};

pub(super) const A503: Page = Page {
    meaning: "An earlier run ended before it could record what became of its writes. This code is kept for that; \
        this version keeps no record of runs and does not report it. Nothing is lost by that: the tenant is the \
        truth.",
    example: Example::Told {
        situation: "The machine lost power in the middle of `allot apply`. Some writes had taken effect, others \
            were never sent.",
        because: "nothing raises it yet",
    },
    remedy: "Run `allot plan`. It reads what the tenant holds now and shows what is left to do; applying that ends \
        what was begun.",
    allow: None,
};

pub(super) const A504: Page = Page {
    meaning: "The tenant refused a write, or turned it away so often that the run gave up. Nothing changed in that \
        environment, unless an earlier write of the same run did. The others go on, except for those that needed \
        its units. The run lists the change as `refused`, with the tenant's reason.",
    example: Example::Told {
        situation: "hr-prod is disabled in the admin center, so its write is refused. sales-prod, which was to get \
            the passes that hr-prod gives back, is `not sent`. All others are applied, and the exit code is 4.",
        because: "it takes an apply; a plan writes nothing",
    },
    remedy: "Remove the reason that is shown, such as an environment that is not ready. A right that is missing is \
        A401, and something that is locked A407. Then run `allot plan`, which shows what is left, and apply that.",
    allow: None,
};

pub(super) const A505: Page = Page {
    meaning: "A write was sent, and reading did not show it before the time was over; or the connection broke and \
        the tenant could not be read afterwards. It may have taken effect. The run lists the change as \
        `not confirmed` and hands out no units on the strength of it.",
    example: Example::Told {
        situation: "The tenant took the write for hr-prod, and two minutes later its listing still shows the old \
            amount. The service can take a while to show what was written.",
        because: "it takes an apply; a plan writes nothing",
    },
    remedy: "Run `allot plan` a little later: it shows whether the change is still to be made. Amounts are \
        absolute, so applying it again does no harm. `allot apply --confirm-timeout 15m` waits longer.",
    allow: None,
};

pub(super) const A506: Page = Page {
    meaning: "A change of the plan was never sent: units that it needs were to come from a write that failed, or the run \
        was stopped or gave up before its turn. Nothing changed in that environment.",
    example: Example::Told {
        situation: "hr-prod was to give back ten app passes, and its write was refused. sales-prod, which was to get \
            them, is `not sent`: there would have been more allocated than is owned.",
        because: "it takes an apply; a plan writes nothing",
    },
    remedy: "Fix what failed first; its own finding says what. Then run `allot plan`, which shows what is left, and \
        apply that.",
    allow: None,
};
