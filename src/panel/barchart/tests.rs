use super::*;
use crate::panel::fixture::Fixture;
use crate::theme::Marker;

fn jobs() -> Fixture {
    Fixture::new(&KIND).unit("reqps").legend("{{job}}").instant(&[
        (&[("job", "api")], 120.0),
        (&[("job", "prometheus")], 45.0),
        (&[("job", "cat-facts")], 80.0),
    ])
}

fn grouped() -> Fixture {
    jobs().query("errors", Some("{{job}}")).instant(&[
        (&[("job", "api")], 30.0),
        (&[("job", "cat-facts")], 60.0),
        (&[("job", "new")], 10.0),
    ])
}

fn change(mut fixture: Fixture, vertical: bool, stack: Stack) -> Fixture {
    fixture.panel.options.vertical = vertical;
    fixture.panel.field.style.stack = stack;
    fixture
}

#[test]
fn bars_lie_under_each_other() {
    insta::assert_snapshot!(jobs().at(&[(60, 8), (40, 3), (20, 2), (10, 1)]));
    insta::assert_snapshot!(grouped().at(&[(60, 12), (40, 6)]));
}

#[test]
fn bars_stand_on_an_axis() {
    insta::assert_snapshot!(change(jobs(), true, Stack::None).at(&[(60, 10), (24, 6), (8, 3)]));
    insta::assert_snapshot!(change(grouped(), true, Stack::None).at(&[(60, 10)]));
}

#[test]
fn bars_stand_on_each_other() {
    insta::assert_snapshot!(change(grouped(), false, Stack::Normal).at(&[(60, 6)]));
    insta::assert_snapshot!(change(grouped(), true, Stack::Percent).at(&[(50, 9)]));
}

#[test]
fn shares_below_zero_are_those_of_what_lies_below() {
    let of = |expr: &str, values: [f64; 3]| {
        let labels = |name| -> &[(&str, &str)] {
            match name {
                0 => &[("job", "x")],
                1 => &[("job", "y")],
                _ => &[("job", "z")],
            }
        };
        (expr.to_owned(), [0, 1, 2].map(|place| (labels(place), values[place])))
    };
    let (first, second) = (of("a", [10.0, 20.0, -5.0]), of("b", [-5.0, f64::NAN, -15.0]));
    let fixture = Fixture::new(&KIND).query(&first.0, Some("{{job}}")).instant(&first.1);
    let fixture = fixture.query(&second.0, Some("{{job}}")).instant(&second.1);
    insta::assert_snapshot!(change(fixture, false, Stack::Percent).at(&[(60, 6)]));
}

#[test]
fn ascii_is_enough() {
    let mut fixture = change(grouped(), true, Stack::Normal);
    fixture.theme.marker = Marker::Ascii;
    insta::assert_snapshot!(fixture.at(&[(50, 9)]));
}

#[test]
fn what_lies_below_zero_hangs() {
    let fixture = Fixture::new(&KIND).legend("{{a}}").instant(&[
        (&[("a", "up")], 10.0),
        (&[("a", "down")], -5.0),
        (&[("a", "none")], f64::NAN),
    ]);
    insta::assert_snapshot!(fixture.at(&[(40, 3)]));
    insta::assert_snapshot!(change(fixture, true, Stack::None).at(&[(40, 8)]));
}

#[test]
fn bars_have_the_colours_of_thresholds_or_of_their_series() {
    let mut fixture = jobs();
    fixture.theme = Theme::TRUE_COLOR;
    assert_eq!(fixture.buffer(40, 3)[(16, 0)].fg, fixture.theme.series(0));
    let mut fixture = jobs().thresholds();
    fixture.theme = Theme::TRUE_COLOR;
    let red = fixture.theme.color(crate::panel::fixture::RED);
    assert_eq!(fixture.buffer(40, 3)[(16, 0)].fg, red);
}

#[test]
fn stacked_heights_add_up() {
    let fixture = change(grouped(), false, Stack::Normal);
    let view = fixture.view();
    let views = of_queries(&view);
    let chart = Chart::of(&view, &views);
    let paints = lanes::paints(&chart.inks(&view), &view.theme);
    for category in &chart.categories {
        let sum: f64 = category.bars.iter().flatten().filter_map(|item| item.value).sum();
        let bars = chart.bars(category, &paints, &view.theme);
        assert_eq!(bars[0].parts.last().map(|part| part.1), Some(sum));
    }
}

#[test]
fn bars_of_several_queries_are_called_by_their_legends() {
    let names = |first: &str, second: Option<&str>| {
        let fixture = Fixture::new(&KIND).legend(first).instant(&[(&[("job", "x")], 1.0)]);
        let fixture = fixture.query("b", second).instant(&[(&[("job", "x")], 2.0)]);
        let view = fixture.view();
        series_names(&of_queries(&view)).join(" ")
    };
    assert_eq!(names("errors", Some("requests")), "errors requests");
    assert_eq!(names("{{job}}", Some("requests")), "A requests");
    assert_eq!(names("{{job}}", Some("__auto")), "A B");
    assert_eq!(names("same", Some("same")), "A B");
    // Of a template the metric is left, where there is one.
    let of = |metric| {
        Fixture::new(&KIND).legend("{{job}}").instant(&[(&[("__name__", metric), ("job", "x")], 1.0)])
    };
    let fixture =
        of("up").query("b", Some("{{job}}")).instant(&[(&[("__name__", "down"), ("job", "x")], 2.0)]);
    let view = fixture.view();
    assert_eq!(series_names(&of_queries(&view)), ["up", "down"]);
}

#[test]
fn what_has_no_room_is_counted_once() {
    let many: Vec<(String, f64)> = (0..14).map(|index| (format!("job-{index}"), f64::from(index))).collect();
    let labels: Vec<[(&str, &str); 1]> = many.iter().map(|(name, _)| [("job", name.as_str())]).collect();
    let samples: Vec<(&[(&str, &str)], f64)> =
        labels.iter().zip(&many).map(|(labels, (_, value))| (&labels[..], *value)).collect();
    let fixture = Fixture::new(&KIND).legend("{{job}}").instant(&samples);
    for height in 1..9 {
        let drawn = fixture.lines(40, height).join("\n");
        assert_eq!(drawn.matches('+').count(), 1, "{drawn}");
    }
}
