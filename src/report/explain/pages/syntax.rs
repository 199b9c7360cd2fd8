//! Pages about files as such: YAML, keys, types, amounts, dates, includes.

use crate::report::explain::page::{Example, Page};

pub(super) const A101: Page = Page {
    meaning: "The file is empty or is not valid YAML. Reading stops at the error, so nothing else in the file is \
        checked until it is fixed. Often the cause is in the line before the one shown.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55     # the quote is never closed
    allocations: { app-passes: 120 }
"#,
        corrections: &[("     # the quote is never closed", "\"")],
    },
    remedy: "Look at the line shown and at the one before: a missing quote, bracket or colon, a tab in the \
        indentation, or an indentation that fits no line above. Then run `allot validate` again.",
};

pub(super) const A102: Page = Page {
    meaning: "One mapping has the same key twice. Most YAML readers keep the last one silently, so an amount that a \
        reviewer approved would be lost. Here it is an error.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations:
      app-passes: 120
      app-passes: 150
"#,
        corrections: &[("allocations:\n      app-passes: 120\n", "allocations:\n")],
    },
    remedy: "Keep one of the two lines; the message shows both. The cause is often a merge of two branches.",
};

pub(super) const A103: Page = Page {
    meaning: "A key is not known at this place: it is misspelled, or it belongs one level higher or lower. Unknown \
        keys are refused, because a misspelled rule would protect nothing.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    protected: true
"#,
        corrections: &[("protected: true", "protect: true")],
    },
    remedy: "Write the key that the message suggests, or one of those that it lists. `allot schema` prints the \
        schema with which editors complete keys while you type.",
};

pub(super) const A104: Page = Page {
    meaning: "A value has the wrong type for its key: text instead of true or false, a number instead of text, one \
        value instead of a list or a mapping, or no value at all. The tool does not guess what was meant.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: 365                 # a number, and a name is a text
    protect: yes              # only true and false are known
"#,
        corrections: &[
            ("365                 # a number, and a name is a text", r#""365""#),
            ("yes              # only true and false are known", "true"),
        ],
    },
    remedy: "Write what the message expects. Put quotes around a text that looks like a number. If a key has no \
        value, write one or delete the line.",
};

pub(super) const A105: Page = Page {
    meaning: "A required key is missing: `version` in every file, `tenant` and its `name` in the root file, the \
        `id` of an environment, or the units of a purchase, of an allocation or of a grant. A grant adds to an \
        amount, so its entry needs `units` too, even if they are 0.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        corrections: &[(
            "hr-prod:\n",
            r#"hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
"#,
        )],
    },
    remedy: "Add the line that the message shows. The admin center shows the id of an environment under \
        Environments, in its details.",
};

pub(super) const A106: Page = Page {
    meaning: "An amount is not written in plain digits: `0`, or digits without a leading zero. Separators, signs, \
        points, exponents, percent signs and quotes are refused, so that a reviewer reads the same number as the \
        tool.",
    example: Example::Validate {
        wrong: r#"purchased:
  portal-page-views: 500_000
  app-passes: 1.2e3
"#,
        corrections: &[("500_000", "500000"), ("1.2e3", "1200")],
    },
    remedy: "Write the number that the message suggests, if it suggests one. Only `reserve` takes percentages; \
        shares under `rules` are numbers without the sign.",
};

pub(super) const A107: Page = Page {
    meaning: "A number is too large. An environment holds at most 2,147,483,647 units of an add-on, which is the \
        limit of the service; a purchase has at most 9,007,199,254,740,991 units; a percentage is a whole number of \
        at most 100.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { ai-builder-credits: 3000000000 }
"#,
        corrections: &[("3000000000", "300000000")],
    },
    remedy: "Correct the number; the usual cause is a digit too many. `packs` are multiplied by the pack size, and \
        the product must stay within the limit.",
};

pub(super) const A108: Page = Page {
    meaning: "A date is not written as year, month and day, the calendar has no such day, or `until` is before \
        `from`, so that no day is left. Dates decide how much is owned and held on which day.",
    example: Example::Validate {
        wrong: r#"purchased:
  portal-page-views: { units: 500000, until: 2027-06-31 }   # June has 30 days
"#,
        corrections: &[("2027-06-31 }   # June has 30 days", "2027-06-30 }")],
    },
    remedy: "Write the date as 2027-03-31. `from` and `until` are both included, and days begin and end in the \
        `timeZone` of `tenant`.",
};

pub(super) const A109: Page = Page {
    meaning: "The file uses YAML features that this language leaves out: anchors, aliases, merge keys, tags, \
        directives, or several documents in one file. They hide values from a reviewer, so they are refused and \
        never expanded.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: &standard { app-passes: 20 }
  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    allocations: *standard
"#,
        corrections: &[
            ("environments:\n", "defaults:\n  sandbox: { app-passes: 20 }\nenvironments:\n"),
            ("allocations: &standard { app-passes: 20 }", "class: sandbox"),
            ("allocations: *standard", "class: sandbox"),
        ],
    },
    remedy: "Write the values out. Values that many environments share go under `defaults`, by class; `allot \
        explain ENVIRONMENT/ADD-ON` shows which layer a value comes from.",
};

pub(super) const A110: Page = Page {
    meaning: "A file or folder that the configuration includes cannot be read: its link leads nowhere, it is \
        larger than 16 MiB, it is not UTF-8, or this user may not read it. Its environments are unknown, so the \
        whole configuration is invalid.",
    example: Example::Situation {
        situation: "environments/sales.yaml was saved as UTF-16 by another program. The message is: \
            environments/sales.yaml cannot be read: it is UTF-16; save it as UTF-8.",
        because: "an example is text, and cannot contain a file that cannot be read",
    },
    remedy: "Fix the file as the message describes, split it if it is too large, or remove it from the includes. If \
        the root file itself cannot be read, nothing can be checked, and the command fails with exit code 1.",
};

pub(super) const A111: Page = Page {
    meaning: "A file exceeds a limit: 32 levels, a million values, 1,000 includes, or 200 problems of YAML. \
        Reading stops there, so that no file can use up the memory of the machine.",
    example: Example::Validate {
        wrong: "environments: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        corrections: &[("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "{}")],
    },
    remedy: "A configuration needs about eight levels, so look for brackets or an indentation that were not meant. If \
        there are too many values, split the file. If there are too many problems, fix the first ones and run \
        again.",
};

pub(super) const A112: Page = Page {
    meaning: "A pattern under `include` matches no file, is malformed, is absolute, or leads out of the folder of \
        allotment.yaml; or a link in that folder leads out. Nothing outside the folder is read, so that a review \
        covers everything that is read.",
    example: Example::Validate {
        wrong: r#"# allotment.yaml
include: ["../shared/*.yaml"]
"#,
        corrections: &[(
            r#"include: ["../shared/*.yaml"]"#,
            r#"include: ["shared/*.yaml"]

# shared/hr.yaml
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55""#,
        )],
    },
    remedy: "Put the files below the folder of allotment.yaml, and write patterns relative to it: `**` matches any \
        folders, `*` any part of a name. Without `include`, `environments/**/*.yaml` is read.",
};

pub(super) const A126: Page = Page {
    meaning: "A file declares environments and is not part of the configuration, so its amounts are neither checked nor \
        applied: it ends in .yml or .YAML, lies beside the root file, in a hidden folder, in a folder whose name is \
        similar to `environments`, or behind a link. Or the configuration finds no file at all.",
    example: Example::Validate {
        wrong: r#"# allotment.yaml
purchased: { app-passes: 200 }

# environment/hr.yaml
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        corrections: &[("# environment/hr.yaml", "# environments/hr.yaml")],
    },
    remedy: "Rename or move the file, so that `environments/**/*.yaml` matches it, or name it under `include`.",
};
