use super::{markup, markup_with_mentions, prose};

/// The HTML of `text`, on one line.
fn html(text: &str) -> String {
    markup(text).to_string().replace('\n', "")
}

#[test]
fn what_people_write_becomes_html() {
    for (text, expected) in [
        (
            "Hello *there*, **you** ~~two~~",
            "<p>Hello <em>there</em>, <strong>you</strong> <del>two</del></p>",
        ),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"),
        ("- [ ] a\n- [x] b", "<ul><li>☐ a</li><li>☑ b</li></ul>"),
        ("> quoted", "<blockquote><p>quoted</p></blockquote>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```sh\nls\n```", "<pre><code>ls</code></pre>"),
        ("# One\n###### Six", "<h3>One</h3><h6>Six</h6>"),
        (
            "|a|b|\n|-|:-|\n|1|2|",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        ("<div>\n*a*\n</div>\nb", "<p>&lt;div&gt;<br>*a*<br>&lt;/div&gt;<br>b</p>"),
        ("**这是重点。**你好", "<p><strong>这是重点。</strong>你好</p>"),
        ("snake_case_name 2 * 3 * 4", "<p>snake_case_name 2 * 3 * 4</p>"),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn addresses_become_links() {
    let link = |href: &str, words: &str| {
        format!("<p><a href=\"{href}\" rel=\"nofollow noopener noreferrer ugc\">{words}</a></p>")
    };
    for (text, href, words) in [
        ("https://example.com/a?b=1", "https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("www.example.com", "http://www.example.com", "www.example.com"),
        ("ada@example.com", "mailto:ada@example.com", "ada@example.com"),
        ("[here](https://example.com)", "https://example.com", "here"),
        ("[tasks](/orgs/acme/tasks)", "/orgs/acme/tasks", "tasks"),
        ("![a crane](https://example.com/c.png)", "https://example.com/c.png", "a crane"),
        (
            "![](https://example.com/c.png)",
            "https://example.com/c.png",
            "https://example.com/c.png",
        ),
    ] {
        assert_eq!(html(text), link(href, words), "{text}");
    }
    assert!(html("See https://example.com/x.").contains("/x</a>."));
}

#[test]
fn asvs_1_3_1_what_is_not_on_the_list_is_text_or_gone() {
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=x>b</b> <a href=\"javascript:x\">c</a>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt&colon;alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x \"t\")",
        "![a](data:image/svg+xml;base64,AAAA)",
        "<svg><style><img src=x onerror=alert(1)>",
        "[a](https://x.example \"\\\" onmouseover=alert(1) x=\\\"\")",
        "```x\" onclick=\"y\n</code></pre><script>\n```",
        "<https://x.example/\"onclick=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<!-- --><iframe src=//x.example>",
    ] {
        let html = html(text);
        let page = scraper::Html::parse_fragment(&html);
        for element in page.tree.values().filter_map(|node| node.as_element()) {
            let name = element.name();
            assert!(
                !["script", "img", "svg", "style", "iframe", "b"].contains(&name),
                "{text}: {html}"
            );
            for (attribute, value) in element.attrs() {
                assert!(["href", "rel", "title"].contains(&attribute), "{text}: {html}");
                let value = value.to_lowercase();
                assert!(
                    !["javascript", "data:", "vbscript"].iter().any(|x| value.starts_with(x)),
                    "{text}: {html}"
                );
            }
        }
    }
}

#[test]
fn mentions_are_marked_in_plain_text_only() {
    let find =
        |text: &str| text.match_indices("@Ada").map(|(at, word)| at..at + word.len()).collect();
    for (text, expected) in [
        (
            "Ask @Ada, @Ada!",
            "<p>Ask <span class=\"mention\">@Ada</span>, <span class=\"mention\">@Ada</span>!</p>",
        ),
        ("**@Ada**", "<p><strong><span class=\"mention\">@Ada</span></strong></p>"),
        ("`@Ada` <@Ada>", "<p><code>@Ada</code> &lt;<span class=\"mention\">@Ada</span>&gt;</p>"),
        (
            "<span class=\"mention\">Bo</span>",
            "<p>&lt;span class=\"mention\"&gt;Bo&lt;/span&gt;</p>",
        ),
    ] {
        let marked = markup_with_mentions(text, find).to_string();
        assert_eq!(marked.trim_end().replace("&quot;", "\""), expected, "{text}");
    }
    let link = markup_with_mentions("[@Ada](/x)", find).to_string();
    assert!(!link.contains("mention"), "{link}");
}

#[test]
fn prose_is_what_is_read_as_words() {
    assert_eq!(
        prose("# Plan\n\nAsk **@Ada** at ada@x.example\n\n`@Bo`\n\n- one"),
        "Plan\nAsk \n@Ada\n at \none"
    );
}

#[test]
fn text_made_to_be_slow_or_deep_is_rendered() {
    for piece in [">", "[", "*a ", "_", "`", "- ", "![", "<", "&", "|a", "[a](", "**a _b ", "1. "] {
        let text = piece.repeat(8000 / piece.len());
        assert!(markup(&text).to_string().len() < 100 * text.len(), "{piece}");
        prose(&text);
    }
}
