//! Tests of the layout: what is stated, and for random grids that nothing overlaps or is too narrow.

use proptest::prelude::*;

use super::*;
use crate::dashboard::GridPosition;
use crate::format::yaml;

fn dashboard(rows: &str) -> Dashboard {
    yaml::parse(&format!("title: T\nrows:\n{rows}"), chrono_tz::Tz::UTC).expect("a dashboard")
}

fn panel(kind: &str, grid: &str) -> String {
    format!("      - {{ type: {kind}, title: T, query: up{grid} }}\n")
}

fn rects(layout: &Layout) -> Vec<(u16, u16, u16, u16)> {
    layout.panels.iter().map(|rect| (rect.x, rect.y, rect.width, rect.height)).collect()
}

/// Grafana's usual: four numbers on top, one wide graph beside two small ones below.
fn usual() -> Dashboard {
    let stat = |x: u16| panel("stat", &format!(", grid: {{ x: {x}, y: 0, w: 6, h: 4 }}"));
    let panels = [stat(0), stat(6), stat(12), stat(18)].concat()
        + &panel("timeseries", ", grid: { x: 0, y: 4, w: 16, h: 16 }")
        + &panel("timeseries", ", grid: { x: 16, y: 4, w: 8, h: 8 }")
        + &panel("timeseries", ", grid: { x: 16, y: 12, w: 8, h: 8 }");
    dashboard(&format!("  - panels:\n{panels}"))
}

#[test]
fn a_grid_keeps_its_places() {
    let layout = Layout::new(&usual(), &[], 120, 30);
    let expected = [
        (0, 0, 29, 6),
        (30, 0, 29, 6),
        (60, 0, 29, 6),
        (90, 0, 30, 6),
        (0, 6, 79, 24),
        (80, 6, 40, 12),
        (80, 18, 40, 12),
    ];
    assert_eq!(rects(&layout), expected);
    assert_eq!(layout.scroll_max(30), 0);
}

#[test]
fn where_a_grid_is_too_narrow_its_panels_follow_each_other() {
    let layout = Layout::new(&usual(), &[], 40, 20);
    let lines: Vec<(u16, u16)> = layout.panels.iter().map(|rect| (rect.x, rect.width)).collect();
    // The wide graph has a line of its own, the two small ones share the next.
    assert_eq!(lines[4..], [(0, 40), (0, 19), (20, 20)]);
    assert!(layout.panels.windows(2).all(|pair| (pair[0].y, pair[0].x) < (pair[1].y, pair[1].x)));
}

#[test]
fn a_collapsed_row_is_its_title() {
    let rows = format!(
        "  - title: A\n    collapsed: true\n    panels:\n{0}{0}  - title: B\n    panels:\n{0}",
        panel("timeseries", "")
    );
    let dashboard = dashboard(&rows);
    let layout = Layout::new(&dashboard, &[], 80, 22);
    assert_eq!(layout.titles, [(0, 0), (1, 1)]);
    assert_eq!(rects(&layout), [(0, 0, 80, 1), (0, 0, 0, 0), (0, 2, 80, 20)]);
    assert!(layout.is_folded(0) && layout.is_folded(1) && !layout.is_folded(2));
    let toggled = Layout::new(&dashboard, &[0, 1], 80, 22);
    assert_eq!(toggled.titles, [(0, 0), (21, 1)]);
    assert!(!toggled.is_folded(0) && toggled.is_folded(2));
    let list = Layout::list(&dashboard, &[], 80, |_| 3);
    assert_eq!(rects(&list), [(0, 0, 80, 1), (0, 0, 0, 0), (0, 2, 80, 4)]);
    assert_eq!(list.height, 6);
}

proptest! {
    #[test]
    fn no_grid_makes_panels_overlap_or_too_small(
        places in proptest::collection::vec((0_u16..30, 0_u16..20, 0_u16..30, 0_u16..20, 0_usize..3), 1..12),
        width in 1_u16..200,
        height in 1_u16..100,
    ) {
        let kinds = ["timeseries", "stat", "table"];
        let panels: String = places.iter().map(|place| panel(kinds[place.4], "")).collect();
        let mut dashboard = dashboard(&format!("  - panels:\n{panels}"));
        for (panel, (x, y, w, h, _)) in dashboard.panels.iter_mut().zip(&places) {
            // Beyond what the format lets through.
            panel.grid = Some(GridPosition { x: *x, y: *y, w: *w, h: *h });
        }
        let layout = Layout::new(&dashboard, &[], width, height);
        for (index, rect) in layout.panels.iter().enumerate() {
            let (least_width, least_height) = dashboard.panels[index].kind.min_size;
            prop_assert!(rect.width >= least_width.min(width) && rect.height >= least_height, "{rect:?}");
            prop_assert!(rect.right() <= width && rect.bottom() <= layout.height);
            for other in &layout.panels[..index] {
                prop_assert!(!rect.intersects(*other), "{rect:?} {other:?}");
            }
        }
        prop_assert!(layout.height >= height);
    }
}
