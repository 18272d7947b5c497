-- depends: 0002.people

create type article_status as enum ('draft', 'in review', 'published', 'archived');

create table article (
    id uuid primary key default gen_random_uuid(),
    parent_id uuid constraint article_parent references article on delete restrict,
    slug text not null constraint article_slug check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    locale varchar(8) not null default 'en',
    title text not null,
    status article_status not null default 'draft',
    published_revision integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint article_address unique (slug, locale),
    constraint article_published check (status <> 'published' or published_revision is not null)
);
comment on table article is 'A page of the help centre; its text is in its revisions.';

create table article_revision (
    article_id uuid not null constraint article_revision_article references article on delete cascade,
    revision integer not null constraint article_revision_positive check (revision > 0),
    author_id uuid constraint article_revision_author references agent on delete set null,
    body text not null,
    words integer generated always as (array_length(regexp_split_to_array(body, '[[:space:]]+'), 1)) stored,
    created_at timestamptz not null default now(),
    primary key (article_id, revision)
);
comment on table article_revision is 'The text of an article, each version of it.';

alter table article
    add constraint article_published_revision foreign key (id, published_revision)
    references article_revision (article_id, revision) deferrable initially deferred;

create index article_parent on article (parent_id) where parent_id is not null;
create index article_title on article using gin (to_tsvector('english', title));
create index article_revision_body on article_revision using gin (to_tsvector('english', body));

create trigger article_touch before update on article
for each row when (old.* is distinct from new.*) execute function row_touch();

create procedure article_publish(article_id uuid, author_id uuid, body text)
language plpgsql
set search_path from current
as $$
declare
    v_revision integer;
begin
    perform from article where id = article_publish.article_id for update;
    if not found then
        raise exception 'no article %', article_publish.article_id using errcode = 'no_data_found';
    end if;
    insert into article_revision (article_id, revision, author_id, body)
    select
        article_publish.article_id,
        coalesce(max(r.revision), 0) + 1,
        article_publish.author_id,
        article_publish.body
    from article_revision as r
    where r.article_id = article_publish.article_id
    returning revision into v_revision;
    update article set status = 'published', published_revision = v_revision
    where id = article_publish.article_id;
end
$$;
comment on procedure article_publish(uuid, uuid, text) is 'Adds a revision and makes it the public one.';

create table macro (
    id integer generated always as identity primary key,
    name text not null constraint macro_name unique,
    owner_id uuid constraint macro_owner references agent on delete cascade,
    actions jsonb not null constraint macro_actions check (jsonb_typeof(actions) = 'array'),
    updated_at timestamptz not null default now()
);
comment on table macro is 'Several changes to a ticket under one name; without an owner it is everybody''s.';

create table canned_response (
    id integer generated always as identity primary key,
    shortcut text not null,
    locale varchar(8) not null default 'en',
    body text not null,
    updated_at timestamptz not null default now(),
    constraint canned_response_shortcut unique (shortcut, locale)
);
comment on table canned_response is 'A prepared answer, in each language.';

create trigger macro_touch before update on macro
for each row when (old.* is distinct from new.*) execute function row_touch();
create trigger canned_response_touch before update on canned_response
for each row when (old.* is distinct from new.*) execute function row_touch();
