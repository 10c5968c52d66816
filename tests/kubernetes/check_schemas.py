# SPDX-License-Identifier: Apache-2.0
"""check_schemas.py VERSION CRDS: reads a JSON list of objects from stdin, checks each of them
strictly against the schemas of that version of Kubernetes and of the custom resources in the folder
CRDS, and prints a JSON list with the list of each one's problems.

A program of its own, because its packages do not go together with those of pytest."""

import functools
import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml


def closed(schema):
    """The schema, without the fields that it does not name. The API server drops those silently."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(one) for name, one in schema.items()}
    is_open = schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(schema.get("properties"), dict) and not is_open:
        found.setdefault("additionalProperties", False)
    return found


def custom(folder):
    """The validators of custom resources, by apiVersion and kind."""
    validators = {}
    for file in sorted(pathlib.Path(folder).iterdir()):
        definition = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["spec"]
        for version in definition["versions"]:
            schema = closed(version["schema"]["openAPIV3Schema"])
            # What every object has; these schemas leave it to Kubernetes.
            schema["properties"]["metadata"] = {"type": "object"}
            key = f"{definition['group']}/{version['name']}", definition["names"]["kind"]
            validators[key] = jsonschema.Draft202012Validator(schema)
    return validators


def errors(one, version, validators):
    validator = validators.get((one["apiVersion"], one["kind"]))
    if validator:
        return list(validator.iter_errors(one))
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [error]
    return []


def main(version, crds):
    # The definitions are megabytes, and it reads them again for each object.
    kubernetes_validate.utils.schema_contents = functools.cache(
        kubernetes_validate.utils.schema_contents)
    validators = custom(crds)
    json.dump([[f"{'.'.join(map(str, error.path))}: {error.message}"
                for error in errors(one, version, validators)] for one in json.load(sys.stdin)],
              sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
