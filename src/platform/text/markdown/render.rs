//! From Markdown to sanitized HTML.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use ammonia::Builder;
use comrak::nodes::{AstNode, NodeList, NodeValue};
use comrak::{Arena, Node, Options, format_html, parse_document};

/// The highest level of a heading inside a text: pages have one of the first level and their
/// sections have the second.
const TOP_HEADING: u8 = 3;
const LAST_HEADING: u8 = 6;

/// The class of a mention.
const MENTION: &str = "mention";

/// What is left of the renderer's HTML. Its elements have no attributes but a link's.
static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut sanitizer = Builder::empty();
    sanitizer
        .tags(HashSet::from([
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "span",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .allowed_classes(HashMap::from([("span", HashSet::from([MENTION]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("nofollow noopener noreferrer ugc"));
    sanitizer
});

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.cjk_friendly_emphasis = true;
    // A line break that was typed is one.
    options.render.hardbreaks = true;
    options.render.escape = true;
    options
}

/// Finds mentions in a run of plain text.
pub(super) type Find<'f> = &'f dyn Fn(&str) -> Vec<Range<usize>>;

/// The `text` as sanitized HTML with its mentions marked.
pub(super) fn render(text: &str, find: Find<'_>) -> String {
    let arena = Arena::new();
    let options = options();
    let root = parse_document(&arena, text, &options);
    for node in root.descendants().collect::<Vec<_>>() {
        adapt(&arena, node);
    }
    for node in plain_texts(root) {
        mark(&arena, node, find);
    }
    let mut html = String::new();
    // Writing to a string cannot fail; what it holds by then is well formed or closed below.
    let _written = format_html(root, &options, &mut html);
    SANITIZER.clean(&html).to_string()
}

/// The runs of plain text in `text`, each on a line.
pub(super) fn plain(text: &str) -> String {
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options());
    let mut lines = Vec::new();
    for node in plain_texts(root) {
        if let NodeValue::Text(text) = &node.data.borrow().value {
            lines.push(text.to_string());
        }
    }
    lines.join("\n")
}

/// The nodes with plain text outside links, in order.
fn plain_texts<'a>(root: Node<'a>) -> Vec<Node<'a>> {
    let is_text = |node: &Node<'a>| matches!(node.data.borrow().value, NodeValue::Text(_));
    let is_in_link = |node: &Node<'a>| {
        node.ancestors().any(|above| matches!(above.data.borrow().value, NodeValue::Link(_)))
    };
    root.descendants().filter(is_text).filter(|node| !is_in_link(node)).collect()
}

/// Makes what a page must not have into something that it may.
fn adapt<'a>(arena: &'a Arena<'a>, node: Node<'a>) {
    let mut data = node.data.borrow_mut();
    match &mut data.value {
        NodeValue::Heading(heading) => {
            heading.level = (heading.level + TOP_HEADING - 1).min(LAST_HEADING);
        }
        // A picture from elsewhere would tell its owner who reads the page, and when.
        NodeValue::Image(link) => {
            let link = std::mem::take(link);
            if node.first_child().is_none() {
                node.append(new(arena, NodeValue::Text(link.url.clone().into())));
            }
            data.value = NodeValue::Link(link);
        }
        // HTML is text like any other.
        NodeValue::HtmlInline(html) => data.value = NodeValue::Text(std::mem::take(html).into()),
        NodeValue::HtmlBlock(block) => {
            let html = std::mem::take(&mut block.literal);
            data.value = NodeValue::Paragraph;
            for (number, line) in html.trim_end().lines().enumerate() {
                if number > 0 {
                    node.append(new(arena, NodeValue::SoftBreak));
                }
                node.append(new(arena, NodeValue::Text(line.to_owned().into())));
            }
        }
        // A box that nobody can tick needs no control.
        NodeValue::TaskItem(item) => {
            let mark = if item.symbol.is_some() { "☑ " } else { "☐ " };
            data.value = NodeValue::Item(NodeList::default());
            let mark = new(arena, NodeValue::Text(mark.into()));
            match node.first_child() {
                Some(paragraph) => paragraph.prepend(mark),
                None => node.append(mark),
            }
        }
        _ => {}
    }
}

/// Splits the text of `node` at its mentions.
fn mark<'a>(arena: &'a Arena<'a>, node: Node<'a>, find: Find<'_>) {
    let NodeValue::Text(text) = node.data.borrow().value.clone() else { return };
    let places = find(&text);
    if places.is_empty() {
        return;
    }
    let mut rest = 0;
    for place in places {
        node.insert_before(new(arena, NodeValue::Text(text[rest..place.start].to_owned().into())));
        let Ok(mention) = askama::filters::escape(&text[place.clone()], askama::filters::Html);
        let html = format!("<span class=\"{MENTION}\">{mention}</span>");
        node.insert_before(new(arena, NodeValue::Raw(html)));
        rest = place.end;
    }
    node.data.borrow_mut().value = NodeValue::Text(text[rest..].to_owned().into());
}

fn new<'a>(arena: &'a Arena<'a>, value: NodeValue) -> Node<'a> {
    arena.alloc(AstNode::from(value))
}
