-- Before the organization is known, the holder of a token finds its link.
create policy to_bearer on join_links for select to tenantry_lookup using (
    encode(token_hash, 'hex') = nullif(current_setting('app.token_hash', true), '')
);
