# SPDX-License-Identifier: Apache-2.0
"""Writes the Grafana dashboard with the panels of panels.py, as JSON, to stdout:

    tools/setup --monitoring
    PYTHONPATH=.cache/grafana python3 deploy/monitoring/write_dashboard.py \\
        >deploy/monitoring/dashboard.json
"""

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions, StackingConfig, VizLegendOptions, VizTooltipOptions)
from grafana_foundation_sdk.builders.dashboard import (
    Dashboard, DatasourceVariable, QueryVariable, Row)
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    LegendDisplayMode, LegendPlacement, SortOrder, StackingMode, TooltipDisplayMode)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync, DataSourceRef, VariableOption, VariableRefresh)

import panels

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
SERIES = f'grpc_server_started_total{{grpc_service="{panels.SERVICE}"}}'
ALL = VariableOption(text="All", value="$__all", selected=True)
JOB = VariableOption(text="identity-server", value="identity-server", selected=True)


def panel(content, number):
    if content.kind == "stat":
        built = stat.Panel().reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
    else:
        built = (timeseries.Panel()
                 .fill_opacity(20 if content.stacked else 0)
                 .stacking(StackingConfig().mode(
                     StackingMode.NORMAL if content.stacked else StackingMode.NONE))
                 .legend(VizLegendOptions().show_legend(True)
                         .display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM))
                 .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
                          .sort(SortOrder.DESCENDING)))
    built = (built.id(number).title(content.title).description(content.description).unit(content.unit)
             .datasource(SOURCE).span(content.width).height(4 if content.kind == "stat" else 8))
    for index, (expression, legend) in enumerate(content.queries):
        built.with_target(Dataquery().expr(expression).legend_format(legend)
                          .ref_id(chr(ord("A") + index)).datasource(SOURCE))
    return built


def variable(name, query, multi=True):
    built = (QueryVariable(name).query(query).datasource(SOURCE)
             .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).multi(multi).include_all(multi))
    # Also what has no such label: `namespace` exists only in Kubernetes.
    return built.all_value(".*").current(ALL) if multi else built.current(JOB)


def dashboard():
    built = (Dashboard("UID2 identity service")
             .uid("uid2-identity-service").tags(["uid2"])
             .description("From top to bottom: are users hurt, whose fault is it, which "
                          "participant and address, and then the service itself.")
             .time("now-1h", "now").refresh("30s").timezone("utc")
             .tooltip(DashboardCursorSync.CROSSHAIR).editable()
             .with_variable(DatasourceVariable("datasource").label("data source")
                            .type("prometheus"))
             .with_variable(variable("job", f"label_values({SERIES}, job)", multi=False))
             .with_variable(variable("namespace",
                                     f'label_values({SERIES[:-1]}, job="$job"}}, namespace)'))
             .with_variable(variable("instance",
                                     f'label_values({SERIES[:-1]}, job="$job"}}, instance)'))
             .with_variable(variable(
                 "participant", 'label_values(identity_calls_total{job="$job"}, participant)')))
    number = 0
    for title, contents in panels.ROWS:
        number += 1
        built.with_row(Row(title).id(number))
        for content in contents:
            number += 1
            built.with_panel(panel(content, number))
    return built.build()


if __name__ == "__main__":
    print(JSONEncoder(sort_keys=True, indent=2).encode(dashboard()))
