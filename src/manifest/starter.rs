//! The first configuration, as `allot init` writes it.

/// The files of a first configuration: path below the folder, and text.
pub const FILES: &[(&str, &str)] = &[("allotment.yaml", ROOT), ("environments/first.yaml", FIRST)];

/// A task for Visual Studio Code that shows what a watch finds as marks in the editor: path below the folder, and text.
pub const VSCODE_TASK: (&str, &str) = (".vscode/tasks.json", TASK);

const TASK: &str = r#"{
  "version": "2.0.0",
  "tasks": [
    {
      "label": "allot watch",
      "type": "shell",
      "command": "allot watch --format gnu",
      "isBackground": true,
      "runOptions": { "runOn": "folderOpen" },
      "presentation": { "reveal": "never" },
      "problemMatcher": {
        "owner": "allot",
        "source": "allot",
        "fileLocation": ["autoDetect", "${workspaceFolder}"],
        "pattern": {
          "regexp": "^(.+):(\\d+):(\\d+): (error|warning): (.*) \\[(A\\d+)\\]$",
          "file": 1,
          "line": 2,
          "column": 3,
          "severity": 4,
          "message": 5,
          "code": 6
        },
        "background": {
          "activeOnStart": true,
          "beginsPattern": "^allot: begin$",
          "endsPattern": "^allot: end$"
        }
      }
    }
  ]
}
"#;

const ROOT: &str = r#"# yaml-language-server: $schema=schemas/allotment.schema.json
#
# The root of your configuration: the tenant, what was purchased, and the rules for dividing it.
# Environments are in files of their own under environments/.
version: 1

tenant:
  name: my-tenant
  provider: local               # the built-in tenant, a file on this machine; power-platform: Microsoft's licensing service
  # id: "00000000-0000-0000-0000-000000000000"
  timeZone: UTC                 # where days begin and end, such as Europe/Berlin
  whoCanAllocate: only-specific-admins   # or environment-admins, who can then allocate to every environment

purchased:                      # without a line for an add-on, the tenant's own figure counts
  app-passes: 25
  # copilot-credits: { packs: 2 }                                          # 2 x 25,000
  # portal-page-views:
  #   - { units: 500000, until: 2026-12-31, agreement: EA-00000 }

reserve:
  app-passes: 10%               # no plan may allocate these; rounded up to a whole pass

rules:
  neverBelowConsumption: true   # no plan takes away units that are in use
  maxDecrease: { percent: 30 }  # more than that in one plan needs an allowance: `--allow`, or an entry of `allow:`
  unmanagedEnvironments: report # names environments that hold units and that no file declares
"#;

const FIRST: &str = r#"# yaml-language-server: $schema=../schemas/environments.schema.json
#
# Environments and the units that they are to hold. An add-on without a line is not changed; 0 means none.
version: 1

environments:
  first:
    id: "11111111-1111-4111-8111-111111111111"   # from the admin center: Environments, then Details
    name: First environment
    class: sandbox
    # protect: true                               # every decrease then needs its own allowance: `--allow`, or an entry of `allow:`
    allocations:
      app-passes: 5
      # copilot-credits:
      #   units: 10000
      #   whenExhausted: { drawFromTenant: false, alert: true }
      # portal-logins: unmanaged                  # not changed and not reported
"#;
