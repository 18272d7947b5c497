-- security definer: the table is the owner's. Touches: app_user (one row), event (one row, where something changed).
create or replace function freehold.user_ensure(issuer text, subject text, email text default null, display_name text default null)
    returns freehold.app_user
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_email constant text := nullif(btrim(email), '');
    v_name constant text := nullif(btrim(display_name), '');
    v_user freehold.app_user;
begin
    perform freehold._user_check(issuer, subject, v_email, v_name);
    begin
        insert into freehold.app_user as u (issuer, subject, email, display_name, created_at, changed_at)
        values (user_ensure.issuer, user_ensure.subject, v_email, v_name, v_now, v_now)
        on conflict on constraint app_user_issuer_subject_key do nothing
        returning * into v_user;
        if found then
            perform freehold._event_record('user.created', null, null, null, jsonb_build_object('user', v_user.id));
            return v_user;
        end if;
        update freehold.app_user as u
        set email = case when user_ensure.email is null then u.email else v_email end,
            display_name = case when user_ensure.display_name is null then u.display_name else v_name end,
            changed_at = v_now
        where u.issuer = user_ensure.issuer and u.subject = user_ensure.subject
            and (user_ensure.email is not null and u.email is distinct from v_email
                 or user_ensure.display_name is not null and u.display_name is distinct from v_name)
        returning * into v_user;
    exception when unique_violation then
        -- What a constraint says quotes the address.
        raise exception 'another user has this e-mail'
            using errcode = 'FH242', hint = 'An issuer that does not verify addresses should not hand them on: leave it out.';
    end;
    if found then
        perform freehold._event_record('user.changed', null, null, null, jsonb_build_object('user', v_user.id));
    else
        select * into v_user from freehold.app_user as u
        where u.issuer = user_ensure.issuer and u.subject = user_ensure.subject;
    end if;
    return v_user;
end
$$;

comment on function freehold.user_ensure(text, text, text, text) is
    'Makes a user known, or brings e-mail and name up to date, and returns the row: to be called at each sign-in. issuer and subject '
    'are iss and sub of his token and the identity; the e-mail is none, and should be given only where the issuer has verified it. null '
    'leaves what is known, an empty text takes it away. A user who was deactivated stays so. Raises FH003 for what is missing, '
    'malformed or too long, FH242 when another user has the e-mail.';
