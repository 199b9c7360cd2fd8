//! Pages about runs: saved plans, writes, and other runs.

use crate::report::explain::page::{Example, Page};

pub(super) const A501: Page = Page {
    meaning: "A saved plan was already applied, or it is stale: since it was made, an amount that it changes, a \
        purchase, a rule or the setting `whoCanAllocate` changed, or a grant or purchase began or ended. It would \
        not do what was reviewed, so nothing is written. A change in any other environment does not make it stale.",
    example: Example::Situation {
        situation: "`allot plan --out hr.json` planned to raise hr-prod from 110 to 120. Then another admin gave it \
            115 in the admin center, and `allot apply hr.json` stops. It also stops if the plan was applied \
            already.",
        because: "it needs a saved plan and a later change",
    },
    remedy: "Each message names what changed. Make a new plan, review it, and apply that: `allot plan --out FILE`, \
        then `allot apply FILE`.",
};

pub(super) const A502: Page = Page {
    meaning: "Another run is applying to the same tenant. Each of two such runs would count on units that the other \
        allocates. This code is reserved; this version does not lock the tenant and does not report it.",
    example: Example::Situation {
        situation: "A pipeline applies the main branch, and an admin runs `allot apply` on a laptop at the same \
            time.",
        because: "nothing raises it yet",
    },
    remedy: "Wait for the other run to end, then plan again. Until then, let one pipeline do every \
        apply. A write is sent only if its environment was just read and is as planned.",
};

pub(super) const A503: Page = Page {
    meaning: "An earlier run ended before it could record the outcomes of its writes. This code is reserved; this \
        version keeps no record of runs and does not report it. Nothing is lost by that: the tenant is the truth.",
    example: Example::Situation {
        situation: "The machine lost power in the middle of `allot apply`. Some writes had taken effect, others \
            were never sent.",
        because: "nothing raises it yet",
    },
    remedy: "Run `allot plan`. It reads what the tenant holds now and shows what is left to do. Apply that to \
        finish the run.",
};

pub(super) const A504: Page = Page {
    meaning: "The tenant refused a write, or refused every retry until the run gave up. Nothing changed in that \
        environment, unless an earlier write of the same run changed it. Other writes go on, except those that need \
        its units. The run lists the change as `refused`, with the tenant's reason.",
    example: Example::Situation {
        situation: "hr-prod is disabled in the admin center, so its write is refused. sales-prod, which was to get \
            the passes that hr-prod gives back, is `not sent`. All others are applied, and the exit code is 4.",
        because: "only an apply raises it, because a plan writes nothing",
    },
    remedy: "Remove the cause that is shown, such as an environment that is not ready. A missing right is A401, and \
        a locked setting A407. Then run `allot plan`, which shows what is left, and apply that.",
};

pub(super) const A505: Page = Page {
    meaning: "A write was sent and no reading confirmed it in time, or the connection broke and the tenant could not \
        be read afterwards. It may have taken effect. The run lists the change as `not confirmed` and does not use \
        the units that the change gives back.",
    example: Example::Situation {
        situation: "The tenant accepted the write for hr-prod, and two minutes later its listing still shows the \
            old amount. The service can take a while to show what was written.",
        because: "only an apply raises it, because a plan writes nothing",
    },
    remedy: "Run `allot plan` a little later: it shows whether the change is still needed. Amounts are absolute, so \
        applying it again does no harm. `allot apply --confirm-timeout 15m` waits longer.",
};

pub(super) const A506: Page = Page {
    meaning: "A change of the plan was never sent: it needs units from a write that failed, an earlier write to its \
        environment failed, or the run was stopped or gave up before its turn. The change did not take effect.",
    example: Example::Situation {
        situation: "hr-prod was to give back ten app passes, and its write was refused. sales-prod, which was to \
            get them, is `not sent`: more would be allocated than is owned.",
        because: "only an apply raises it, because a plan writes nothing",
    },
    remedy: "Fix what failed first; its own finding describes it. Then run `allot plan`, which shows what is left, \
        and apply that.",
};

pub(super) const A507: Page = Page {
    meaning: "A run reads the tenant again at its end. That read does not show what is desired: another person or \
        program changed it meanwhile, a value could not be read, or the tenant could not be read at all. The exit \
        code is 4 if the run wrote something, else 3.",
    example: Example::Situation {
        situation: "hr-prod was raised to 120, and the next reading showed it. Before the run ended, another admin \
            set it to 90 in the admin center.",
        because: "it takes an apply, and a change beside it",
    },
    remedy: "Run `allot plan`: it reads the tenant again and shows what is left. If another person or program \
        changes the same environments, agree on one way to change them. An amount that cannot be read can be left \
        to others with `unmanaged`.",
};
