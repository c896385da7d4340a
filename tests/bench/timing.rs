//! Whether the time of an answer reveals if an address has an account: requests with known and
//! unknown addresses take turns, and the difference of the medians is compared.

use std::time::{Duration, Instant};

use crate::http::Client;
use crate::report::{median, milliseconds};
use crate::server::Server;
use crate::stage::{Engine, Stage, VISITOR};

/// How often each question is asked.
const TRIES: usize = 200;
/// How often it is asked before, to fill the caches.
const WARM_UP: usize = 10;
/// The largest allowed difference of the medians, in milliseconds.
const LIMIT: f64 = 5.0;
/// Keeps what the service does after an answer from slowing down the next one.
const PAUSE: Duration = Duration::from_millis(25);

/// A question that is asked with both kinds of addresses.
struct Question {
    name: &'static str,
    path: &'static str,
    status: u16,
    /// The form for an address; the number is different each time.
    form: fn(&str, usize) -> String,
}

const QUESTIONS: [Question; 3] = [
    Question {
        name: "Sign-in, wrong password",
        path: "/login",
        status: 422,
        form: |email, _| format!("email={email}&password=not+the+right+one"),
    },
    Question {
        name: "Reset of a password",
        path: "/password/forgot",
        status: 303,
        form: |email, _| format!("email={email}"),
    },
    Question {
        name: "Sign-up",
        path: "/signup",
        status: 303,
        form: |email, nth| {
            format!(
                "email={email}&name=Timing&password=a+phrase+for+timing&organization=Timing+{nth}"
            )
        },
    },
];

/// Measures, and returns whether the limit was kept.
pub async fn measure(engine: Engine) -> bool {
    let stage = Stage::build(engine).await;
    let tenantry = Server::start(stage.tenantry("serve"), "/login").await;
    crate::report::title(engine);
    println!("\n{:26} with an account   without   difference  (aim: <= {LIMIT} ms)", "Median, ms");
    let mut holds = true;
    for (at, question) in QUESTIONS.iter().enumerate() {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for nth in 0..WARM_UP + TRIES {
            // Attempts are counted; only attempts that are not refused are measured here.
            stage.execute("delete from throttle").await;
            // In alternating order, because each request may be affected by the one before.
            for has_account in [nth % 2 == 0, nth % 2 != 0] {
                let number = at * 10_000 + nth * 2 + usize::from(has_account);
                let email = if has_account { VISITOR.to_owned() } else { stranger(number) };
                let form = (question.form)(&email.replace('@', "%40"), number);
                let took = ask(&tenantry, question, &form).await;
                let list = if has_account { &mut known } else { &mut unknown };
                if nth >= WARM_UP {
                    list.push(milliseconds(took));
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        let (known, unknown) = (median(known), median(unknown));
        let difference = (known - unknown).abs();
        let word = if difference <= LIMIT { "" } else { "  TOO MUCH" };
        println!("{:26} {known:15.2} {unknown:9.2} {difference:12.2}{word}", question.name);
        holds &= difference <= LIMIT;
    }
    tenantry.stop();
    stage.remove().await;
    holds
}

/// An unknown address, as long as the known one.
fn stranger(number: usize) -> String {
    format!("{number:0>4}@tenantry.example")
}

async fn ask(tenantry: &Server, question: &Question, form: &str) -> Duration {
    let mut client = Client::connect(tenantry.address).await;
    let request = crate::http::post(question.path, form, "");
    let began = Instant::now();
    let answer = client.send(&request).await;
    let took = began.elapsed();
    assert_eq!(answer.status, question.status, "{} with {form}", question.path);
    took
}
