//! Which of our types a panel of Grafana's becomes.

/// Grafana's types, ours, and whether ours only comes near: it shows the same answers, in another picture.
const KINDS: &[(&str, &str, bool)] = &[
    ("timeseries", "timeseries", false),
    ("graph", "timeseries", false),
    ("stat", "stat", false),
    ("singlestat", "stat", false),
    ("gauge", "gauge", false),
    ("bargauge", "bargauge", false),
    ("table", "table", false),
    ("table-old", "table", false),
    ("text", "text", false),
    ("text2", "text", false),
    ("heatmap", "heatmap", false),
    ("heatmap-new", "heatmap", false),
    ("histogram", "histogram", false),
    ("piechart", "piechart", false),
    ("grafana-piechart-panel", "piechart", false),
    ("barchart", "barchart", false),
    ("state-timeline", "state-timeline", false),
    ("status-history", "status-history", false),
    ("alertlist", "alerts", false),
    ("trend", "timeseries", true),
    ("natel-discrete-panel", "state-timeline", true),
    ("flant-statusmap-panel", "status-history", true),
    ("grafana-polystat-panel", "stat", true),
    ("vonage-status-panel", "stat", true),
    ("michaeldmoore-multistat-panel", "bargauge", true),
    ("yesoreyeram-boomtable-panel", "table", true),
    ("briangann-gauge-panel", "gauge", true),
    ("briangann-datatable-panel", "table", true),
    ("btplc-trend-box-panel", "stat", true),
    ("neocat-cal-heatmap-panel", "heatmap", true),
    ("mtanda-histogram-panel", "histogram", true),
    ("mtanda-heatmap-epoch-panel", "heatmap", true),
    ("savantly-heatmap-panel", "heatmap", true),
    ("petrslavotinek-carpetplot-panel", "heatmap", true),
    ("marcusolsson-hourly-heatmap-panel", "heatmap", true),
    ("farski-blendstat-panel", "stat", true),
    ("blackmirror1-singlestat-math-panel", "stat", true),
    ("blackmirror1-statusbygroup-panel", "stat", true),
    ("michaeldmoore-annunciator-panel", "stat", true),
    ("snuids-trafficlights-panel", "stat", true),
    ("singlestat2", "stat", false),
    ("grafana-singlestat-panel", "stat", true),
    ("gauge2", "gauge", false),
    ("table2", "table", false),
    ("graph2", "timeseries", false),
    ("datagrid", "table", true),
    ("corpglory-progresslist-panel", "bargauge", true),
    ("isaozler-paretochart-panel", "barchart", true),
    ("candlestick", "timeseries", true),
    ("xychart", "timeseries", true),
    ("grafana-xyzchart-panel", "timeseries", true),
    ("natel-plotly-panel", "timeseries", true),
    ("ae3e-plotly-panel", "timeseries", true),
    ("nline-plotlyjs-panel", "timeseries", true),
    ("netsage-bumpchart-panel", "timeseries", true),
    ("jdbranham-diagram-panel", "stat", true),
    ("agenty-flowcharting-panel", "stat", true),
    ("andrewbmchugh-flow-panel", "stat", true),
    ("canvas", "stat", true),
    ("btplc-alarm-box-panel", "stat", true),
    ("btplc-status-dot-panel", "stat", true),
    ("smartmakers-trafficlight-panel", "stat", true),
    ("orchestracities-iconstat-panel", "stat", true),
    ("nikosc-percenttrend-panel", "stat", true),
    ("jeanbaptistewatenberg-percent-panel", "stat", true),
    ("serrrios-statusoverview-panel", "stat", true),
    ("snuids-radar-panel", "bargauge", true),
    ("magnesium-wordcloud-panel", "bargauge", true),
    ("mckn-funnel-panel", "bargauge", true),
    ("digrich-bubblechart-panel", "bargauge", true),
    ("marcusolsson-treemap-panel", "piechart", true),
    ("geomap", "table", true),
    ("grafana-worldmap-panel", "table", true),
    ("orchestracities-map-panel", "table", true),
    ("panodata-map-panel", "table", true),
    ("nodeGraph", "table", true),
    ("novatec-sdg-panel", "table", true),
    ("gretamosa-topology-panel", "table", true),
    ("esnet-matrix-panel", "table", true),
    ("esnet-chord-panel", "table", true),
    ("netsage-sankey-panel", "table", true),
    ("integrationmatters-comparison-panel", "table", true),
    ("btplc-peak-report-panel", "table", true),
    ("volkovlabs-table-panel", "table", true),
    ("volkovlabs-echarts-panel", "table", true),
    ("bilibala-echarts-panel", "table", true),
    ("marcusolsson-dynamictext-panel", "table", true),
    ("marcusolsson-gantt-panel", "table", true),
    ("logs", "table", true),
    ("dashlist", "text", true),
    ("news", "text", true),
    ("mxswat-separator-panel", "text", true),
    ("aidanmountford-html-panel", "text", true),
    ("timomyl-breadcrumb-panel", "text", true),
    ("digiapulssi-breadcrumb-panel", "text", true),
];

/// Our type for one of Grafana's, and whether it is only the nearest. A panel that says no type is a time series.
pub(super) fn ours(kind: &str) -> Option<(&'static str, bool)> {
    if kind.is_empty() {
        return Some(("timeseries", false));
    }
    KINDS.iter().find(|(name, _, _)| *name == kind).map(|(_, ours, is_near)| (*ours, *is_near))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel;

    #[test]
    fn every_type_becomes_one_that_there_is_and_stands_here_once() {
        for (index, (name, ours, _)) in KINDS.iter().enumerate() {
            assert!(panel::KINDS.iter().any(|kind| kind.name == *ours), "{name}: {ours}");
            assert!(KINDS[..index].iter().all(|(other, ..)| other != name), "{name} stands here twice");
        }
        assert_eq!(ours("nobodys-panel"), None);
    }
}
