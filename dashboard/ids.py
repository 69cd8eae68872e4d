"""Ids of the elements that callbacks and tests refer to. They are stable: tests and bookmarks rely on them."""

# Shell: on every page.
URL = "url"  # dcc.Location; pages read its `hash`
WINDOW = "window"  # store: the range in force, a key that dashboard.time_range.time_range understands
TIME_RANGE = "time-range"  # segmented control for ranges that end now
TIME_RANGE_BOX = "time-range-box"  # its frame, hidden where no range applies
ABSOLUTE_FROM = "absolute-from"
ABSOLUTE_TO = "absolute-to"
ABSOLUTE_APPLY = "absolute-apply"
ABSOLUTE_WRONG = "absolute-wrong"
PAUSE = "pause"
SCOPE = "scope"  # store: which services every page shows, for dashboard.scope.scope
SCOPE_BUTTON = "scope-button"
SCOPE_WORDS = "scope-words"
ENVIRONMENT = "environment"  # select
NAMESPACE = "namespace"  # select
CONNECTION = "connection"  # says whether the page is live
LIVE_TICK = "live-tick"  # store: grows when the collector has new data, on pages other than the map
COLOR_SCHEME = "color-scheme"  # store: "light" or "dark", as shown now
COLOR_SCHEME_TOGGLE = "color-scheme-toggle"
HELP = "help"  # button: the list of shortcuts
HELP_DIALOG = "help-dialog"
NAV_TOPOLOGY = "nav-topology"
NAV_SERVICES = "nav-services"
NAV_TRACES = "nav-traces"
NAV_BREAKERS = "nav-breakers"
NAV_HEALTH = "nav-health"
NAV_DOCTOR = "nav-doctor"

# Topology page.
TOPOLOGY_PLACE = "topology-place"  # where assets/map_scene.js puts the scene: what is wrong, map, line of time
TOPOLOGY_GRAPH = "topology-graph"  # cytoscape; its instance is `_cyreg.cy` of the element
TOPOLOGY_SELECTION = "topology-selection"  # store: id of the selected node or edge, or null
TOPOLOGY_CHANGES = "topology-changes"  # store: grows when the map changed while something is selected
TOPOLOGY_STATE = "topology-state"  # loading, empty and error cover the graph here
TOPOLOGY_BANNER = "topology-banner"  # "collector is away" above a graph that is still shown
TOPOLOGY_SUMMARY = "topology-summary"  # one line: how many services, calls, errors
TOPOLOGY_SUSPECTS = "topology-suspects"  # what is wrong, most suspicious first
TOPOLOGY_VIEW = "topology-view"  # segmented control: "map" or "table"
TOPOLOGY_TABLE = "topology-table"  # tbody of the table view
TOPOLOGY_STAGE = "topology-stage"
TOPOLOGY_LABELS = "topology-labels"  # select: which calls say their numbers
TOPOLOGY_LAYOUT = "topology-layout"  # select: how the map is arranged
TOPOLOGY_FIND = "topology-find"
TOPOLOGY_HIDE = "topology-hide"
TOPOLOGY_PRESETS = "topology-presets"
TOPOLOGY_FILTER_STATE = "topology-filter-state"  # how many were found, what is wrong with a filter
TOPOLOGY_FOCUS = "topology-focus"  # which node the map is limited to
TOPOLOGY_TRACES = "topology-traces"  # which traces the map is limited to
TOPOLOGY_PANEL = "topology-panel"
TOPOLOGY_PANEL_BODY = "topology-panel-body"
TOPOLOGY_PANEL_BODY_ROWS = "topology-panel-body-rows"  # store: what is drawn into it
TOPOLOGY_PANEL_DETAILS = "topology-panel-details"
TOPOLOGY_PANEL_DETAILS_ROWS = "topology-panel-details-rows"
TOPOLOGY_PANEL_POLL = "topology-panel-poll"
TOPOLOGY_PANEL_CLOSE = "topology-panel-close"
TOPOLOGY_CARD = "topology-card"  # the short form under the pointer
TIMELINE = "timeline"

# Services page and the page of one service.
SERVICES_GRID = "services-grid"
SERVICES_SEARCH = "services-search"
SERVICES_SEEN = "services-seen"  # store: fingerprint of what is shown, so that it is not sent again
SERVICES_STATE = "services-state"
SERVICE_NAME = "service-name"  # store
SERVICE_SEVERITY = "service-severity"  # store: the least severity of the log records shown
SERVICE_SEEN = "service-seen"
SERVICE_ROWS = "service-rows"  # store: what is drawn into SERVICE_BODY
SERVICE_BODY = "service-body"
SERVICE_CHARTS = "service-charts"
SERVICE_CHARTS_DUE = "service-charts-due"  # store: the rest of the page is drawn, see assets/charts.js
SERVICE_CHARTS_SEEN = "service-charts-seen"  # store: fingerprint of what they show
SERVICE_HEAD = "service-head"
SERVICE_HEAD_ROWS = "service-head-rows"
SERVICE_HEAD_SEEN = "service-head-seen"

# Breakers, health and doctor pages.
BREAKERS_LIST = "breakers-list"  # the lamps; assets/breakers/*.js draw them
BREAKERS_FIND = "breakers-find"
BREAKERS_SHOWN = "breakers-shown"  # how many of them are shown
BREAKERS_STATE = "breakers-state"  # what is wrong, while there is nothing to show
BREAKERS_NONE = "breakers-none"  # no lamp meets the filter
BREAKERS_CHANGES = "breakers-changes"
BREAKER_ID = "breaker-id"  # store
BREAKER_BODY = "breaker-body"
BREAKER_ROWS = "breaker-rows"
BREAKER_SEEN = "breaker-seen"
HEALTH_FIND = "health-find"
HEALTH_SHOWN = "health-shown"  # how many services are shown
HEALTH_NONE = "health-none"  # no service meets the filter
HEALTH_BODY = "health-body"
HEALTH_ROWS = "health-rows"
HEALTH_SEEN = "health-seen"
SERVICE_HEALTH_NAME = "service-health-name"  # store
SERVICE_HEALTH_BODY = "service-health-body"
SERVICE_HEALTH_ROWS = "service-health-rows"
SERVICE_HEALTH_SEEN = "service-health-seen"
DOCTOR_BODY = "doctor-body"
DOCTOR_ROWS = "doctor-rows"
DOCTOR_SEEN = "doctor-seen"

# Traces page.
TRACES_SEARCH = "traces-search"  # what assets/search/page.js draws into
TRACES_MOUNTED = "traces-mounted"  # dummy output of the callback that starts the search
TRACES_UPLOAD = "traces-upload"  # the place of controls that bring traces from elsewhere
TRACES_Q = "traces-q"  # input: the filter
TRACES_RESULTS = "traces-results"
TRACES_BODY = "traces-body"  # tbody of the results
TRACES_MORE = "traces-more"  # button: next page
TRACES_FACETS = "traces-facets"
TRACES_HEATMAP = "traces-heatmap"  # canvas
TRACES_SELECTION = "traces-selection"
TRACES_DIFFERENCES = "traces-differences"
TRACES_ON_MAP = "traces-on-map"  # link to the map of what was found

# Trace page.
TRACE_ID = "trace-id"  # store: id of the trace shown
TRACE_OPENED = "trace-opened"  # store: dummy output of the callback that starts the page
TRACE_PAGE = "trace-page"  # assets/trace/page.js draws into it
TRACE_PANEL = "trace-panel"  # the selected span; `span=<id>` in the address selects it
