"""What an administrator would write instead: load the YAML, hold it against the schema, compare with the tenant, print."""
import json
import sys

import jsonschema
import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader)


def main(desired_path, observed_path, schema_path):
    desired, observed = load(desired_path), load(observed_path)
    with open(schema_path, encoding="utf-8") as file:
        jsonschema.Draft7Validator(json.load(file)).validate(desired)
    held = {environment["id"]: environment["allocations"] for environment in observed["environments"]}
    totals = {}
    changes = []
    for key, environment in desired["environments"].items():
        for add_on, units in environment["allocations"].items():
            totals[add_on] = totals.get(add_on, 0) + units
            before = held.get(environment["id"], {}).get(add_on, 0)
            if before != units:
                changes.append((key, add_on, before, units))
    for add_on, total in totals.items():
        if total > observed["purchased"][add_on]:
            sys.exit(f"{add_on}: short by {total - observed['purchased'][add_on]}")
    for key, add_on, before, after in sorted(changes):
        print(f"{key} {add_on} {before} -> {after}")


main(*sys.argv[1:])
