"""Ids of the elements that callbacks and tests refer to. They are stable: tests and bookmarks rely on them."""

# Shell: on every page.
URL = "url"  # dcc.Location; pages read its `hash`
TIME_RANGE = "time-range"  # segmented control; `value` is a key of dashboard.time_range.RANGES
TIME_RANGE_BOX = "time-range-box"  # its frame, hidden where no range applies
COLOR_SCHEME = "color-scheme"  # store: "light" or "dark", as shown now
COLOR_SCHEME_TOGGLE = "color-scheme-toggle"
NAV_TOPOLOGY = "nav-topology"
NAV_TRACES = "nav-traces"
URL_SYNC = "url-sync"  # dummy output of the callback that writes the range into the URL

# Topology page.
TOPOLOGY_GRAPH = "topology-graph"  # cytoscape; its instance is `_cyreg.cy` of the element
TOPOLOGY_STYLES = "topology-styles"  # store: {"light": stylesheet, "dark": stylesheet}
TOPOLOGY_POLL = "topology-poll"
TOPOLOGY_DATA = "topology-data"  # store: the graph shown, {nodes, edges, seconds}
TOPOLOGY_SHOWN = "topology-shown"  # store: {state, hash}, what the page shows now
TOPOLOGY_POSITIONS = "topology-positions"  # store: {node id: [x, y]}
TOPOLOGY_SELECTION = "topology-selection"  # store: the selected node or edge with its numbers, or null
TOPOLOGY_STATE = "topology-state"  # loading, empty and error cover the graph here
TOPOLOGY_BANNER = "topology-banner"  # "collector is away" above a graph that is still shown
TOPOLOGY_SUMMARY = "topology-summary"  # one line: how many services, calls, errors
TOPOLOGY_VIEW = "topology-view"  # segmented control: "map" or "table"
TOPOLOGY_TABLE = "topology-table"  # tbody of the table view
TOPOLOGY_TABLE_ROWS = "topology-table-rows"  # store: its rows
TOPOLOGY_STAGE = "topology-stage"
TOPOLOGY_ARRANGE = "topology-arrange"  # button: forget positions, lay out anew
TOPOLOGY_PANEL = "topology-panel"
TOPOLOGY_PANEL_BODY = "topology-panel-body"
TOPOLOGY_PANEL_TRACES = "topology-panel-traces"
TOPOLOGY_PANEL_POLL = "topology-panel-poll"
TOPOLOGY_PANEL_CLOSE = "topology-panel-close"

# Traces page.
TRACES_SERVICE = "traces-service"
TRACES_OPERATION = "traces-operation"
TRACES_Q = "traces-q"
TRACES_STATUS = "traces-status"
TRACES_MIN_DURATION = "traces-min-duration"  # milliseconds
TRACES_APPLY = "traces-apply"
TRACES_CLEAR = "traces-clear"
TRACES_QUERY = "traces-query"  # store: the filters in force, as in the URL
TRACES_RESULTS = "traces-results"
TRACES_BODY = "traces-body"  # tbody of the results
TRACES_ROWS = "traces-rows"  # store: its rows
TRACES_CURSOR = "traces-cursor"  # store: cursor of the next page, or null
TRACES_MORE = "traces-more"  # button: next page
TRACES_RETRY = "traces-retry"  # interval, runs only while the collector is away

# Trace page.
TRACE_ID = "trace-id"  # store: id of the trace shown
TRACE_BODY = "trace-body"  # heading and waterfall
TRACE_WATERFALL = "trace-waterfall"  # the rows, each an `a.wf-row`
TRACE_ROWS = "trace-rows"  # store: its rows
TRACE_DRAWN = "trace-drawn"  # store: how many of them are drawn
TRACE_PANEL = "trace-panel"  # the selected span; `#span=<key>` in the URL selects it
TRACE_RETRY = "trace-retry"
