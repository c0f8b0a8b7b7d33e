//! The schema of what `--json` writes is made of the types that are written.
//!
//! `BLESS=1 cargo test --test docs schema` writes it anew.

use std::fs;

use regex::Regex;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::Value;
use vera_stress::record::{Event, Format};

use crate::guides::{generated, root};

const FILE: &str = "docs/recording.schema.json";

/// The schema of a line, as it is written and not as much as is read.
fn made() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Event>();
    let format = Format::CURRENT;
    let title = format!("A line of what `vera-stress --json` writes, format {format}");
    schema.insert("title".to_owned(), title.into());
    let what = "Something that happened. docs/recordings.md says what recordings are made of.";
    schema.insert("description".to_owned(), what.into());
    RecursiveTransform(prose).transform(&mut schema);
    schema
}

/// Comments are wrapped, and link to other code; what is made of them is not.
fn prose(schema: &mut Schema) {
    let Some(Value::String(text)) = schema.get_mut("description") else {
        return;
    };
    let link = Regex::new(r"\[(`[^`]+`)\](\([^)]*\))?").unwrap();
    let paragraphs = text.split("\n\n").map(|it| it.replace('\n', " "));
    let whole = paragraphs.collect::<Vec<_>>().join("\n\n");
    *text = link.replace_all(&whole, "$1").into_owned();
}

#[test]
fn it_is_what_the_types_say() {
    let mut made = serde_json::to_string_pretty(&made()).unwrap();
    made.push('\n');
    let path = root().join(FILE);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == made,
        "{FILE} is not what the types say; BLESS=1 cargo test --test docs schema writes it anew"
    );
}

#[test]
fn it_has_every_event_and_the_guide_lists_them() {
    let schema = made().to_value();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = schema["oneOf"].as_array().unwrap().iter();
    let events: Vec<(String, String)> = events
        .map(|it| {
            let name = text(&it["properties"]["event"]["const"]);
            (name, text(&it["description"]))
        })
        .collect();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, Event::NAMES);
    let rows = events
        .iter()
        .map(|(name, what)| format!("| `{name}` | {what} |\n"));
    let table = format!(
        "\n| event | what has happened |\n| --- | --- |\n{}",
        rows.collect::<String>()
    );
    assert_eq!(generated("docs/recordings.md", &table), table);
}
