//! What the tests of this room share: panel types, a sample of all keys, and mistakes with the words they deserve.

use crate::panel::{KINDS, PanelKind};

/// All panel types of the format that are not planned only.
pub(crate) fn kinds() -> &'static [&'static PanelKind] {
    KINDS
}

/// Every key that this version reads, at least once.
pub(crate) const EVERY_KEY: &str = r#"
title: 404
description: All there is
refresh: off
uid: rYdddlPWk
tags: [linux, 1]
time: { from: 2026-01-31 14:00, to: 2026-01-31T15:00:00Z }
timezone: Asia/Tokyo
scrape_interval: 5s
datasource: $source
variables:
  - { name: instance, label: Host, description: Where, hide: true, query: 'label_values(up, instance)', multi: true }
  - { name: job, query: 'label_values(up{instance="$instance"}, job)', all: true, regex: '/(.*)-\d/', sort: -natural, datasource: other }
  - { name: env, values: [prod, 1, { value: s, text: Staging }], all: '.*', default: [All], refresh: time }
  - { name: window, interval: [auto, 1m, 5m], auto_count: 50, auto_min: 30s, default: 5m }
  - { name: fixed, constant: 5 }
  - { name: text, textbox: '' }
  - { name: source, datasource: prometheus }
  - { name: filters, adhoc: ['job="api"'] }
  - { name: more_filters, adhoc: true }
annotations:
  - { name: Deploys, query: 'changes(x[1m]) > 0', color: blue, title: '{{job}}', text: new, step: 30s, hide: true, datasource: other }
  - { name: Alerts, alerts: true }
actions:
  - { key: f, title: Fetch, get: 'http://localhost:8000/cat_facts' }
  - { key: 1, title: Push, post: 'https://localhost/', times: 100, at_once: 8 }
links: [{ title: Runbook, url: 'https://localhost/' }]
rows:
  - title: First
    repeat: $env
    panels:
      - type: timeseries
        title: Requests
        description: By path
        width: 2
        height: 12
        repeat: instance
        repeat_direction: vertical
        max_per_row: 3
        time_from: 1d
        time_shift: 1w
        min_interval: 30s
        draw: bars
        fill: true
        stack: normal
        gaps: connect
        axis: right
        axis_label: Requests a second
        log: 2
        negative_y: true
        soft_min: -1
        soft_max: 10
        interpolation: step-after
        thresholds_style: line+area
        legend: { show: table, placement: right, calcs: [last, mean, max], sort: -max }
        display_name: 'all of {{path}}'
        color: thresholds
        overrides:
          - { name: a, draw: points, fill: false, stack: none, gaps: show, color: '#abc' }
          - { names: [a, b], unit: s, decimals: 2, min: 0, max: 5, no_value: none, display_name: both }
          - { except: [a], thresholds_mode: percent, thresholds: [{ color: red }] }
          - { regex: '/^a/', mappings: [{ value: 1, text: up }], color: palette }
          - { query: B, hidden: true }
          - { query: A, stack: percent, axis: left, axis_label: Share, log: symlog, negative_y: false, soft_min: 0, soft_max: 2 }
          - { regex: .*b$, interpolation: step-before, thresholds_style: area }
        queries:
          - { expr: 'rate(x[$__rate_interval])', legend: '{{path}}', min_step: 1m, ref: B, axis: left }
          - { expr: up, instant: true, hide: true, datasource: other }
      - type: stat
        query: up
        unit: percentunit
        decimals: 1
        min: -.5
        max: 1e3
        no_value: none yet
        reduce: mean
        thresholds_mode: percent
        thresholds: [{ color: green }, { at: 50, color: '#ff8800' }, { at: 90, color: dark-red }]
        mappings:
          - { value: 1, text: up, color: green }
          - { value: .inf, text: endless }
          - { from: 2, to: 3.5, text: some }
          - { to: 0, color: red }
          - { special: null+nan, text: nothing }
          - { special: null, text: nothing }
          - { special: true, text: up }
          - { special: empty, color: red }
          - { value: web, text: front }
          - { regex: 'db-(\d+)', text: database $1 }
        sparkline: false
  - panels:
      - { type: bargauge, query: up, orientation: vertical }
      - { type: timeseries, query: up, legend: hidden }
      - { type: table, query: up, hide_columns: [job, instance], sort: -Value }
      - { type: text, content: "two\nlines" }
      - type: table
        column_width: 20
        align: right
        cell: background
        overrides: [{ name: Value, column_width: 12, align: center, cell: bar }]
        queries: [{ expr: up, range: true, format: series }, { expr: x, format: table }]
        transforms:
          - merge
          - { merge: true }
          - labels_to_fields
          - labels_to_fields: { keep: [job], mode: rows, value_label: job }
          - join
          - join: { by: Time, mode: inner }
          - organize: { include: [a, b], exclude: [c], order: [b], rename: { b: 'B b' } }
          - filter: { include: [a], exclude: '/^b/' }
          - group_by: { by: [job], calcs: { Value: [sum, p95], up: [lastNotNull] } }
          - calculate: { name: ratio, left: a, op: /, right: 100, replace: true }
          - calculate: { reduce: mean, of: [a, b] }
          - sort: -Value
          - rename: { regex: '/Value #(.)/', to: $1 }
          - reduce: { calcs: [last, mean], mode: fields, labels: true }
          - limit: 10
          - calculate: { unary: abs, field: a }
          - calculate: { window: stddev, field: a, size: 5, align: centered }
          - calculate: { cumulative: mean, field: a }
          - join: { mode: outer-tabular }
  - title: Placed
    collapsed: true
    panels:
      - { type: alerts, grid: { x: 0, y: 0, w: 24, h: 8 }, links: [{ title: t, url: here }] }
  - title: Shapes
    panels:
      - { type: histogram, query: up, bucket_size: 0.5, bucket_count: 20, combine: true }
      - { type: piechart, query: up, shape: donut }
      - { type: state-timeline, query: up, merge_values: false }
      - { type: heatmap, query: up, calculate: { buckets: 12, size: 0.5, interval: 1m }, color_scale: linear, cell_unit: s, cell_decimals: 1 }
      - { type: stat, query: up, text_mode: value_and_name, color_mode: background }
      - { type: bargauge, query: up, mode: lcd }
"#;

/// Every key and value that the format has and this version lacks.
pub(crate) const EVERY_LATER_KEY: &str = r"
title: x
rows:
  - panels:
      - type: geomap
        title: Shares
        query: up
        legend: table
";

/// Who can see a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Schema and reader.
    Both,
    /// The reader only: it takes a look at several values, or at more than JSON Schema can say.
    Reader,
}

macro_rules! top {
    ($text:literal) => {
        concat!("title: x\nrows: [{panels: [{type: stat, query: up}]}]\n", $text, "\n")
    };
}

macro_rules! panel {
    ($text:literal) => {
        concat!("title: x\nrows: [{panels: [\n{ ", $text, " }]}]\n")
    };
}

/// Files with one mistake each, what is said of it, and who sees it.
pub(crate) const MISTAKES: &[(&str, &str, Seen)] = &[
    (
        "just text\n",
        "line 1, column 1: a dashboard must be a map with keys such as title, description, refresh, time, found `just text`",
        Seen::Both,
    ),
    (
        top!("annotations: [{ name: a }]"),
        "line 3, column 15: an annotation needs `query`, or `alerts: true`",
        Seen::Both,
    ),
    (
        top!("variables: [{ name: a }]"),
        "line 3, column 13: a variable needs query, values, interval, constant, textbox, datasource or adhoc",
        Seen::Both,
    ),
    (
        top!("variables: [{ name: a, query: label_values(up, job) }]"),
        "line 3, column 48: unknown key `job)` in a variable; quote a value that has a comma in it",
        Seen::Both,
    ),
    (
        top!("variables: [{ name: a, query: x, values: [y] }]"),
        "line 3, column 34: a variable has either `query` or `values`; keep one of them",
        Seen::Both,
    ),
    (
        top!("variables: [{ name: a-b, query: x }]"),
        "line 3, column 21: `name` must be a name of letters, digits and underscores, and no number, found `a-b`",
        Seen::Both,
    ),
    (
        top!("variables: [{ name: a, query: $b }, { name: b, query: $a }]"),
        "line 3, column 21: the variables `a` → `b` → `a` need each other; take one out of the circle",
        Seen::Reader,
    ),
    (
        top!("variables: [{ name: a, query: x }, { name: a, query: y }]"),
        "line 3, column 44: two variables are called `a`; name one of them otherwise",
        Seen::Reader,
    ),
    (
        top!("variables: [{ name: a, query: x, regex: '/(/' }]"),
        "line 3, column 41: `regex` is no regular expression: opening parenthesis without closing parenthesis",
        Seen::Reader,
    ),
    (
        top!("variables: [{ name: a, adhoc: [job] }]"),
        "line 3, column 32: `job` is no filter; write one such as job=\"api\" or path=~\"/a.*\"",
        Seen::Reader,
    ),
    (
        top!("variables: [{ name: a, values: [x], default: [x, y] }]"),
        "line 3, column 46: `default` has several values; a variable without `multi: true` has one",
        Seen::Reader,
    ),
    (
        top!("variables: [{ name: a, interval: [5x] }]"),
        "line 3, column 35: each of `interval` cannot be `5x`; it must be a duration such as 5m, or auto",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, repeat: a"),
        "line 3, column 34: `repeat`: there is no variable `a`; the dashboard has no `variables`",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, max_per_row: 3"),
        "line 3, column 26: `max_per_row` needs a `repeat`",
        Seen::Reader,
    ),
    ("title: x\n", "line 1, column 1: a dashboard needs `rows`", Seen::Both),
    (
        panel!("type: stat, query: up, grid: { x: 20, y: 0, w: 8, h: 4 }"),
        "line 3, column 32: `grid`: x 20 and w 8 reach beyond the 24 columns",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, grid: { x: 0, w: 8, h: 4 } }, { type: stat, query: up"),
        "line 2, column 8: in a row all panels have a `grid` or none; 1 have one here and 1 have none",
        Seen::Reader,
    ),
    (
        panel!("type: alerts, query: up"),
        "line 3, column 17: `query` does not apply to panels of type alerts, which ask for the server's own list",
        Seen::Reader,
    ),
    ("title: x\nrows:\n", "line 2, column 1: `rows` has no value; give it one or remove the key", Seen::Both),
    (
        "title: x\nrows: []\n",
        "line 2, column 7: `rows` is empty; give it an entry or remove the key",
        Seen::Both,
    ),
    (
        "title: ' '\nrows: [{panels: [{type: stat, query: up}]}]\n",
        "line 1, column 8: `title` must be a text that is not blank, found ` `",
        Seen::Both,
    ),
    ("title: x\nrows: {panels: []}\n", "line 2, column 7: `rows` must be a list, found a map", Seen::Both),
    (
        "title: x\nrows: [{titel: y, panels: [{type: stat, query: up}]}]\n",
        "line 2, column 9: unknown key `titel` in a row; did you mean `title`?",
        Seen::Both,
    ),
    (
        top!("refresh: 100ms"),
        "line 3, column 10: `refresh` must be a duration such as 5s, at least 250ms, or off, found `100ms`",
        Seen::Reader,
    ),
    (
        top!("refresh: 0"),
        "line 3, column 10: `refresh` must be a duration such as 5s, at least 250ms, or off, found `0`",
        Seen::Both,
    ),
    (
        top!("timezone: Europe/Berln"),
        "line 3, column 11: `timezone` cannot be `Europe/Berln`; did you mean `Europe/Berlin`?",
        Seen::Reader,
    ),
    (
        top!("timezone: the moon"),
        "line 3, column 11: `timezone` cannot be `the moon`; it must be browser, utc or a name such as Europe/Berlin",
        Seen::Reader,
    ),
    (
        top!("scrape_interval: 5x"),
        "line 3, column 18: `scrape_interval`: \"5x\" is not a duration; write numbers with units such as 30s, 5m, \
      1h30m, 7d",
        Seen::Both,
    ),
    (
        top!("time: now-6h"),
        "line 3, column 7: `time` must be a map with the keys from, to, found `now-6h`",
        Seen::Both,
    ),
    (
        top!("time: { from: yesterday }"),
        "line 3, column 15: `from`: \"yesterday\" is not a time; write now, now-6h, now/d, 2026-01-31 14:00:00, \
      2026-01-31T14:00:00Z or Unix seconds",
        Seen::Reader,
    ),
    (
        top!("time: { from: now, to: now-1h }"),
        "line 3, column 15: `from`: the range from \"now\" to \"now-1h\" is empty; from must lie before to",
        Seen::Reader,
    ),
    (
        top!("templating: x"),
        "line 3, column 1: unknown key `templating` in a dashboard; it is called `variables` here",
        Seen::Both,
    ),
    (
        top!("actions: [{key: q, title: t, get: 'http://x/'}]"),
        "line 3, column 17: `key` must be one character of the keyboard that promscope itself does not use, such as f \
      or 1, found `q`",
        Seen::Both,
    ),
    (
        top!("actions: [{key: ff, title: t, get: 'http://x/'}]"),
        "line 3, column 17: `key` must be one character of the keyboard that promscope itself does not use, such as f \
      or 1, found `ff`",
        Seen::Both,
    ),
    (
        top!("actions: [{key: f, title: t, get: 'ftp://x/'}]"),
        "line 3, column 35: `get` must be an http:// or https:// address, found `ftp://x/`",
        Seen::Both,
    ),
    (
        top!("actions: [{key: f, title: t, get: 'localhost:8000/cat'}]"),
        "line 3, column 35: `get` must be an http:// or https:// address, found `localhost:8000/cat`",
        Seen::Both,
    ),
    (
        top!("actions: [{key: f, title: t, get: 'http://[x'}]"),
        "line 3, column 35: `get` must be an http:// or https:// address, found `http://[x`",
        Seen::Reader,
    ),
    (
        top!("actions: [{key: f, title: t}]"),
        "line 3, column 11: an action needs an address: `get` or `post`",
        Seen::Both,
    ),
    (
        top!("actions: [{key: f, title: t, get: 'http://x/', post: 'http://x/'}]"),
        "line 3, column 48: an action has one address: keep `get` or `post`",
        Seen::Both,
    ),
    (
        top!("actions: [{key: f, title: t, get: 'http://x/', times: 100000}]"),
        "line 3, column 55: `times` must be a whole number from 1 to 10000, found `100000`",
        Seen::Both,
    ),
    (
        top!("actions: [{key: f, title: t, get: 'http://x/'}, {key: f, title: u, get: 'http://x/'}]"),
        "line 3, column 55: `f` is the key of `t` already; choose another",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, unti: s"),
        "line 3, column 26: unknown key `unti` in a panel; did you mean `unit`?",
        Seen::Both,
    ),
    (
        panel!("type: stat, targets: [{expr: up}]"),
        "line 3, column 15: unknown key `targets` in a panel; it is called `queries` here",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, at_once: 3"),
        "line 3, column 26: unknown key `at_once` in a panel; it belongs to an action",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, flavour: vanilla"),
        "line 3, column 26: unknown key `flavour` in a panel; `promscope schema` names all keys",
        Seen::Both,
    ),
    (panel!("query: up"), "line 3, column 1: a panel needs `type`", Seen::Both),
    (
        panel!("type: gauges, query: up"),
        "line 3, column 9: `type` cannot be `gauges`; did you mean `gauge`?",
        Seen::Both,
    ),
    (
        panel!("type: graph, query: up"),
        "line 3, column 9: there is no panel type `graph`; it is called `timeseries` here",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, stack: normal"),
        "line 3, column 26: `stack` does not apply to a stat panel; it belongs to timeseries or barchart",
        Seen::Both,
    ),
    (
        panel!("type: text, content: hi, query: up"),
        "line 3, column 28: `query` does not apply to a text panel, which asks nothing",
        Seen::Reader,
    ),
    (panel!("type: text"), "line 3, column 1: a text panel needs `content`", Seen::Both),
    (panel!("type: stat"), "line 3, column 1: a stat panel needs `query` or `queries`", Seen::Reader),
    (
        panel!("type: stat, query: ''"),
        "line 3, column 22: `query` must be a text that is not blank, found ``",
        Seen::Both,
    ),
    (
        panel!("type: stat, queries: up"),
        "line 3, column 24: `queries` must be a list, found `up`",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, queries: [{expr: up}]"),
        "line 3, column 26: a panel has either `query` or `queries`; keep one of them",
        Seen::Both,
    ),
    (
        panel!("type: stat, queries: [{legendFormat: x, expr: up}]"),
        "line 3, column 26: unknown key `legendFormat` in a query; it is called `legend` here",
        Seen::Both,
    ),
    (panel!("type: stat, queries: [{legend: x}]"), "line 3, column 25: a query needs `expr`", Seen::Both),
    (
        panel!("type: stat, queries: [{expr: up, ref: A}, {expr: up, ref: A}]"),
        "line 3, column 61: two queries have the ref `A`; name one of them otherwise",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, width: 0"),
        "line 3, column 33: `width` must be a whole number from 1 to 100, found `0`",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, decimals: 1.5"),
        "line 3, column 36: `decimals` must be a whole number from 0 to 20, found `1.5`",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, min: 5, max: 5"),
        "line 3, column 39: `max` 5 must lie above `min` 5",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, min: '5'"),
        "line 3, column 31: `min` must be a finite number, found `5`",
        Seen::Both,
    ),
    (
        panel!("type: timeseries, query: up, draw: line"),
        "line 3, column 38: `draw` cannot be `line`; did you mean `lines`?",
        Seen::Both,
    ),
    (
        panel!("type: timeseries, query: up, fill: yes"),
        "line 3, column 38: `fill` must be true or false, found `yes`",
        Seen::Both,
    ),
    (
        panel!("type: timeseries, query: up, legend: '{{job}}'"),
        "line 3, column 40: `legend` cannot be `{{job}}`; names of series belong to their query: \
         `queries: [{ expr: .., legend: .. }]`",
        Seen::Both,
    ),
    (
        panel!("type: timeseries, query: up, legend: { show: tables }"),
        "line 3, column 48: `show` cannot be `tables`; did you mean `table`?",
        Seen::Both,
    ),
    (
        panel!("type: timeseries, query: up, legend: { calcs: [sometimes] }"),
        "line 3, column 50: each of `calcs`: unknown reducer \"sometimes\"; expected ",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, thresholds: [{ color: gren }]"),
        "line 3, column 48: `color` cannot be `gren`; did you mean `green`?",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, thresholds: [{ color: '#12' }]"),
        "line 3, column 48: `color` cannot be `#12`; it must be a name such as green, yellow, red or dark-blue, or a \
      quoted \"#rrggbb\"",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, thresholds: [{ color: }]"),
        "line 3, column 41: `color` has no value; write a name, or quote a colour that begins with `#`",
        Seen::Both,
    ),
    (
        panel!(
            "type: stat, query: up, thresholds: [{ color: red }, { at: 2, color: red }, { at: 1, color: red }]"
        ),
        "line 3, column 84: thresholds must ascend: 1 does not lie above 2",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, thresholds: [{ color: red }, 20]"),
        "line 3, column 55: a threshold must be a map with the keys at, color, found `20`",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, thresholds: [{ color: red }, { color: red }]"),
        "line 3, column 55: only the first threshold may lack `at`; say where this colour begins",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, mappings: [{ value: 1, special: nan, text: x }]"),
        "line 3, column 37: a mapping matches in one way: `value`, `from` and `to`, `regex`, or `special`",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, mappings: [{ regex: 'a(', text: x }]"),
        "line 3, column 46: `regex`: \"a(\" is not a regular expression: opening parenthesis without closing parenthesis",
        Seen::Reader,
    ),
    (
        panel!("type: stat, query: up, mappings: [{ value: 1 }]"),
        "line 3, column 37: a mapping needs `text`, `color` or both",
        Seen::Both,
    ),
    (
        panel!("type: stat, query: up, mappings: [{ from: 2, to: 1, text: x }]"),
        "line 3, column 52: `to` 1 must not lie below `from` 2",
        Seen::Reader,
    ),
    (
        panel!("type: table, query: up, transforms: [group]"),
        "line 3, column 40: each of `transforms` cannot be `group`; it must be merge, labels_to_fields or join",
        Seen::Both,
    ),
    (
        panel!("type: table, query: up, transforms: [{ groupBy: { by: [job] } }]"),
        "line 3, column 42: unknown key `groupBy` in a transform; it is called `group_by` here",
        Seen::Both,
    ),
    (
        panel!("type: table, query: up, transforms: [{ limit: 3, sort: job }]"),
        "line 3, column 40: a transform has one key, and this one has 2; make each an entry of its own",
        Seen::Both,
    ),
    (
        panel!("type: table, query: up, transforms: [{ group_by: { by: [job], calcs: { Value: [summ] } } }]"),
        "line 3, column 82: each of `Value` in `calcs`: unknown reducer \"summ\"; did you mean sum?",
        Seen::Both,
    ),
    (
        panel!("type: table, query: up, transforms: [{ calculate: { left: a, right: b } }]"),
        "line 3, column 53: a calculation with two operands needs `op`",
        Seen::Reader,
    ),
    (
        panel!("type: table, query: up, transforms: [{ calculate: { left: a, reduce: sum } }]"),
        "line 3, column 53: a calculation takes either `left`, `op` and `right`, or one of `reduce`, `unary`, `window` and `cumulative`",
        Seen::Reader,
    ),
    (
        panel!("type: table, query: up, transforms: [{ filter: { include: 'a(' } }]"),
        "line 3, column 61: `include`: \"a(\" is not a regular expression: opening parenthesis without closing parenthesis",
        Seen::Reader,
    ),
    (
        panel!("type: table, query: up, transforms: [{ organize: { rename: [a] } }]"),
        "line 3, column 62: `rename` must be a map with names of columns as its keys, found a list",
        Seen::Both,
    ),
];
