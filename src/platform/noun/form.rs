//! The form of a row whose fields are all typed as text.

/// Declares the form of a row: for each field of its details, how the typed text becomes its value.
/// A field shows its value as `Display` does. One that may be empty, such as an `Option<Day>`, is
/// `optional`.
///
/// ```ignore
/// form! {
///     /// The fields of the form.
///     pub LabelForm of Label {
///         name: |typed| line_of_text(typed, 40, "Enter the label's name."),
///         colour: str::parse,
///         due_on optional: str::parse,
///     }
/// }
/// ```
macro_rules! form {
    (
        $(#[$doc:meta])*
        pub $form:ident of $row:ty { $($field:ident $($optional:ident)?: $parse:expr,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $form {
            $(pub $field: String,)+
            /// The version that the form was filled from; empty for a new row.
            pub version: String,
        }

        impl $crate::platform::web::form::Fields for $form {}

        impl $crate::platform::noun::edit::TypedForm<$row> for $form {
            fn of(row: &$row) -> Self {
                Self {
                    $($field: $crate::platform::noun::form::shown!(
                        row.details.$field $(, $optional)?
                    ),)+
                    version: row.version.to_string(),
                }
            }

            fn version(&mut self) -> &mut String {
                &mut self.version
            }

            fn check(
                &self,
                errors: &mut $crate::platform::web::FieldErrors,
            ) -> Option<<$row as $crate::platform::noun::Record>::Details> {
                type Details = <$row as $crate::platform::noun::Record>::Details;

                $(
                    let parse = $crate::platform::noun::form::parser!($parse $(, $optional)?);
                    let $field = errors.take(stringify!($field), parse(self.$field.as_str()));
                )+
                Some(Details { $($field: $field?,)+ })
            }
        }
    };
}
pub(crate) use form;

/// The value of a field, as the form shows it.
macro_rules! shown {
    ($value:expr) => {
        $value.to_string()
    };
    ($value:expr, optional) => {
        $value.as_ref().map(ToString::to_string).unwrap_or_default()
    };
}
pub(crate) use shown;

/// What parses a field.
macro_rules! parser {
    ($parse:expr) => {
        $parse
    };
    ($parse:expr, optional) => {
        |typed: &str| match typed.trim() {
            "" => Ok(None),
            typed => ($parse)(typed).map(Some),
        }
    };
}
pub(crate) use parser;
