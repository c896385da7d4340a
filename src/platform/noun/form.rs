//! The form of a row whose fields are all typed as text.

/// Declares the form of a row: for each field of its details, how the typed text becomes its value.
/// A field shows its value as `Display` does.
///
/// ```ignore
/// form! {
///     /// The fields of the form.
///     pub LabelForm of Label {
///         name: |typed| line_of_text(typed, 40, "Enter the label's name."),
///         colour: str::parse,
///     }
/// }
/// ```
macro_rules! form {
    ($(#[$doc:meta])* pub $form:ident of $row:ty { $($field:ident: $parse:expr,)+ }) => {
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
                    $($field: row.details.$field.to_string(),)+
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

                $(let $field = errors.take(stringify!($field), ($parse)(self.$field.as_str()));)+
                Some(Details { $($field: $field?,)+ })
            }
        }
    };
}
pub(crate) use form;
