//! Pages about files as such: YAML, keys, types, amounts, dates, includes.

use crate::report::explain::page::{Example, Page};

pub(super) const A101: Page = Page {
    meaning: "The file cannot be read as YAML, or is empty. Reading stops where this is noticed, and nothing else in \
        the file is checked until it is fixed. Often the cause is in the line before the one shown.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55     # the quote is never closed
    allocations: { app-passes: 120 }
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
    },
    remedy: "Look at the line shown and at the one before: a missing quote, bracket or colon, a tab in the \
        indentation, or an indentation that fits no line above. Then run `allot validate` again.",
    allow: None,
};

pub(super) const A102: Page = Page {
    meaning: "One mapping has the same key twice. Most YAML readers keep the last one and say nothing, so an \
        amount that somebody reviewed would be lost. Here it is an error.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations:
      app-passes: 120
      app-passes: 150
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations:
      app-passes: 150
"#,
    },
    remedy: "Keep one of the two lines. Both places are shown. It often comes from merging two branches.",
    allow: None,
};

pub(super) const A103: Page = Page {
    meaning: "A key is not known at this place: it is misspelt, or it belongs one level higher or lower. Unknown \
        keys are refused, because a rule with a typing error would protect nothing.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    protected: true
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    protect: true
"#,
    },
    remedy: "Write the key that the message offers, or one of those that it lists. `allot schema` prints the \
        schema with which editors complete keys while you type.",
    allow: None,
};

pub(super) const A104: Page = Page {
    meaning: "A value is of another type than its key takes: text where true or false belongs, a number where a \
        text belongs, one value where a list or a mapping belongs, or nothing at all. It is not guessed what was meant.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: 365                 # a number, and a name is a text
    protect: yes              # only true and false are known
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: "365"
    protect: true
"#,
    },
    remedy: "Write what the message expects. A text that looks like a number needs quotes. A key without a value \
        gets one, or its line goes.",
    allow: None,
};

pub(super) const A105: Page = Page {
    meaning: "Something that has to be said is not said: `version` in every file, `tenant` and its `name` in the \
        root file, the `id` of an environment, the units of a purchase, of an allocation or of a grant. A grant \
        adds to an amount, so there has to be one, if only 0.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
    },
    remedy: "Add the line that the message shows. The id of an environment stands in the admin center, under \
        Environments, in its details.",
    allow: None,
};

pub(super) const A106: Page = Page {
    meaning: "An amount is not written in plain digits: `0`, or digits without a zero in front. Separators, signs, \
        points, exponents, percent signs and quotes are refused, so that whoever reviews a change reads the same \
        number as the tool does.",
    example: Example::Validate {
        wrong: r#"purchased:
  portal-page-views: 500_000
  app-passes: 1.2e3
"#,
        right: r#"purchased:
  portal-page-views: 500000
  app-passes: 1200
"#,
    },
    remedy: "Write the number that the message offers, where there is only one that can be meant. Percentages are \
        possible under `reserve` only; shares under `rules` are numbers without the sign.",
    allow: None,
};

pub(super) const A107: Page = Page {
    meaning: "A number is larger than it can be. An environment holds at most 2,147,483,647 units of an add-on, \
        which is the limit of the service; a purchase has at most 9,007,199,254,740,991 units; a percentage is a \
        whole number of at most 100.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { ai-builder-credits: 3000000000 }
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { ai-builder-credits: 300000000 }
"#,
    },
    remedy: "Correct the number; a digit too many is the usual cause. With `packs` the pack size is multiplied in, \
        so the number of packs is what is limited.",
    allow: None,
};

pub(super) const A108: Page = Page {
    meaning: "A date is not written as year, month and day, the calendar has no such day, or `until` lies before \
        `from`, so that no day is left. Dates decide how much is owned and held on which day.",
    example: Example::Validate {
        wrong: r#"purchased:
  portal-page-views: { units: 500000, until: 2027-06-31 }   # June has 30 days
"#,
        right: r#"purchased:
  portal-page-views: { units: 500000, until: 2027-06-30 }
"#,
    },
    remedy: "Write the date as 2027-03-31. `from` and `until` are both included, and days begin and end in the \
        time zone of `tenant`.",
    allow: None,
};

pub(super) const A109: Page = Page {
    meaning: "YAML can do more than this language takes: anchors, aliases, merge keys, tags, directives, and \
        several documents in one file. They hide values from whoever reads a change, so they are named and refused, \
        and never expanded.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: &standard { app-passes: 20 }
  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    allocations: *standard
"#,
        right: r#"defaults:
  sandbox: { app-passes: 20 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    class: sandbox
  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    class: sandbox
"#,
    },
    remedy: "Write the values out. What many environments have in common goes under `defaults`, by class; \
        `allot explain ENVIRONMENT/ADD-ON` shows which layer a value comes from.",
    allow: None,
};

pub(super) const A110: Page = Page {
    meaning: "A file or folder that the configuration includes cannot be read: it is missing behind its link, it \
        is larger than 16 MiB, it is not UTF-8, or this user may not read it. Its environments are unknown, so the \
        configuration is not valid as a whole.",
    example: Example::Told {
        situation: "environments/sales.yaml was saved as UTF-16 by another program. The message says: \
            environments/sales.yaml cannot be read: it is UTF-16; save it as UTF-8.",
        because: "an example is text, and what cannot be read is not",
    },
    remedy: "Fix the file as the message says, split it if it is too large, or remove it from the includes. The \
        root file itself is another matter: without it nothing can be checked, and the command fails with exit \
        code 1.",
    allow: None,
};

pub(super) const A111: Page = Page {
    meaning: "A file goes beyond what people write: nested deeper than 32 levels, more than four million values, \
        or more than 200 problems. Reading stops there, so that no file can use up the machine.",
    example: Example::Validate {
        wrong: "environments: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        right: "environments: {}\n",
    },
    remedy: "The language needs about eight levels, so look for brackets or an indentation that were not meant. \
        Split a file with too many values. Fix the first problems of a file with too many, and run again.",
    allow: None,
};

pub(super) const A112: Page = Page {
    meaning: "A pattern under `include` matches no file, is no pattern, is absolute, or leads out of the folder of \
        allotment.yaml; or a link in there leads out. What is reviewed and what is read must be the same, so \
        nothing outside that folder is read.",
    example: Example::Validate {
        wrong: r#"# allotment.yaml
include: ["../shared/*.yaml"]
"#,
        right: r#"# allotment.yaml
include: ["shared/*.yaml"]

# shared/hr.yaml
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
"#,
    },
    remedy: "Put the files below the folder of allotment.yaml, and write patterns relative to it: `**` stands for \
        any folders, `*` for any part of a name. Without `include`, `environments/**/*.yaml` is read.",
    allow: None,
};
