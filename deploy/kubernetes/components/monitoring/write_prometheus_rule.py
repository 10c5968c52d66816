# SPDX-License-Identifier: Apache-2.0
"""Writes the PrometheusRule with the rules of deploy/monitoring/rules.yaml to stdout:

    python3 deploy/kubernetes/components/monitoring/write_prometheus_rule.py \\
        >deploy/kubernetes/components/monitoring/prometheus_rule.yaml
"""

import pathlib
import textwrap

RULES = pathlib.Path(__file__).parents[3] / "monitoring/rules.yaml"
HEAD = """\
# SPDX-License-Identifier: Apache-2.0
#
# The rules of deploy/monitoring/rules.yaml, which explains them. Do not edit:
# write_prometheus_rule.py makes this file.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: identity-server
  labels:
    app.kubernetes.io/name: identity-server
    app.kubernetes.io/part-of: uid2-identity-service
spec:
"""


def prometheus_rule(rules: str) -> str:
    """The manifest, with the text of a file of rules below its head."""
    _, groups, body = rules.partition("groups:\n")
    return HEAD + textwrap.indent(groups + body, "  ")


if __name__ == "__main__":
    print(prometheus_rule(RULES.read_text(encoding="utf-8")), end="")
