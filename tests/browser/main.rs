//! The product as people use it: the real program, driven through a headless Chromium. `bin/test`
//! says where the browser and its driver are.
//!
//! A test fails if one of its pages has written an error to the console, from a script or the
//! Content-Security-Policy.

mod support;

mod accessibility;
mod audit;
mod clients;
mod comments;
mod failures;
mod filters;
mod invitations;
mod members;
mod office;
mod passkeys;
mod phone;
mod preferences;
mod search;
mod sign_ins;
mod signup;
mod switcher;
mod tasks;
mod without_script;
