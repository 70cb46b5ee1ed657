//! The placeholder of a panel type that the format has and this version lacks: it says so in the panel's place.
//!
//! Not in the registry, because no dashboard asks for it by name.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Asks, PanelKind, PanelView};
use crate::text;

/// The placeholder.
pub static KIND: PanelKind = PanelKind {
    name: "unsupported",
    about: "stands for a panel type that this version lacks",
    options: &[],
    min_size: (20, 2),
    natural_height: 4,
    asks: |_| Asks { instant: false, range: false },
    draw,
    values: |_| Vec::new(),
    at: None,
};

/// What the placeholder of type `name` says, for [`crate::dashboard::PanelOptions::content`].
pub fn content(name: &str) -> String {
    format!("panel type {} is not supported by this version", text::fit(name, 40))
}

fn draw(view: &PanelView<'_>, area: Rect, buffer: &mut Buffer) {
    let lines = text::wrap(&view.panel.options.content, usize::from(area.width), usize::from(area.height));
    for (line, y) in lines.iter().zip(area.y..) {
        text::put(buffer, area.x, y, line, area.width, view.theme.warning());
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::dashboard::{Panel, PanelOptions};
    use crate::field::FieldOptions;
    use crate::theme::Theme;
    use crate::time_range::Span;

    fn drawn(width: u16, height: u16) -> Vec<String> {
        let panel = Panel {
            kind: &KIND,
            title: String::new(),
            description: None,
            width: 1,
            height: None,
            grid: None,
            links: Vec::new(),
            queries: Vec::new(),
            field: FieldOptions::default(),
            overrides: Vec::new(),
            transforms: Vec::new(),
            options: PanelOptions { content: content("pie\u{1b}chart"), ..PanelOptions::default() },
            repeat: None,
            time: crate::dashboard::PanelTime::default(),
            min_interval: None,
            fixed: std::collections::BTreeMap::new(),
        };
        let view = PanelView {
            panel: &panel,
            targets: Vec::new(),
            frames: None,
            span: Span { start_ms: 0, end_ms: 1 },
            now_ms: 1,
            zone: Tz::UTC,
            theme: Theme::PLAIN,
            scroll: 0,
            column_scroll: None,
            cursor_ms: None,
            mark_ms: None,
            series: crate::panel::marks::SeriesView::default(),
            marks: &[],
            plot: std::cell::Cell::default(),
        };
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        (KIND.draw)(&view, area, &mut buffer);
        (0..height)
            .map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn it_says_what_is_missing_in_any_size() {
        assert_eq!(drawn(30, 2), ["panel type piechart is not", "supported by this version"]);
        assert_eq!(drawn(12, 2), ["panel type", "piechart is…"]);
        assert_eq!(drawn(0, 0), Vec::<String>::new());
        assert_eq!(drawn(1, 1), ["…"]);
    }
}
