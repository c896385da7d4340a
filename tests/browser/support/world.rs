//! A program and its browsers, for one test.

use std::cell::RefCell;

use tempfile::TempDir;

use super::driver::Driver;
use super::profile::Profile;
use super::program::Program;
use super::proxy::Proxy;

/// Everything that a test starts. It ends with the test, which fails if a page has reported an
/// error.
pub struct World {
    program: Program,
    driver: Driver,
    sessions: RefCell<Vec<String>>,
    folder: TempDir,
}

impl World {
    /// A new program, without a browser.
    pub fn start() -> Self {
        Self::start_with(Program::start)
    }

    /// A new program that is reached by a name, as passkeys need it.
    pub fn start_with_name() -> Self {
        Self::start_with(Program::start_with_name)
    }

    /// A new program that is reached over plain http by a name other than loopback.
    pub fn start_in_an_office() -> Self {
        Self::start_with(Program::start_in_an_office)
    }

    /// A new program behind a proxy that can pretend that it is away.
    pub fn start_behind_a_proxy() -> (Self, Proxy) {
        let mut proxy = None;
        let world = Self::start_with(|folder| {
            let (program, before) = Program::start_behind_a_proxy(folder);
            proxy = Some(before);
            program
        });
        (world, proxy.expect("it was started with the program"))
    }

    /// The demonstration, reached by a name, whose visitor is an operator, too.
    pub fn start_demo() -> Self {
        Self::start_with(Program::start_demo)
    }

    fn start_with(program: impl FnOnce(&std::path::Path) -> Program) -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            program: program(folder.path()),
            driver: Driver::start(folder.path()),
            sessions: RefCell::default(),
            folder,
        }
    }

    /// A browser in which nobody is signed in.
    pub async fn profile(&self) -> Profile {
        self.start_profile(true).await
    }

    /// A browser in which nobody is signed in, with JavaScript turned off.
    pub async fn profile_without_script(&self) -> Profile {
        self.start_profile(false).await
    }

    async fn start_profile(&self, has_script: bool) -> Profile {
        let number = self.sessions.borrow().len();
        let folder = self.folder.path().join(format!("profile-{number}"));
        let client = self.driver.browser(&folder, has_script).await;
        let session = client.session_id().await.unwrap().expect("a browser has a session");
        self.sessions.borrow_mut().push(session);
        Profile::new(client, &self.program.origin)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let sessions = self.sessions.take();
        let driver = &self.driver;
        let complaints = std::thread::scope(|scope| {
            let ending = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(async {
                    let mut complaints = Vec::new();
                    for session in &sessions {
                        complaints.extend(driver.end(session).await);
                    }
                    complaints
                })
            });
            ending.join()
        });
        if std::thread::panicking() {
            eprintln!("The console said: {complaints:?}\nThe log:\n{}", self.program.log());
            return;
        }
        let complaints = complaints.expect("browsers end");
        assert!(complaints.is_empty(), "the console says: {}", complaints.join("\n"));
    }
}
