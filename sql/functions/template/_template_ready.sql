-- Refuses a template that is still being made, or being dropped.
create or replace function freehold._template_ready(template freehold.template) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if template.state <> 'ready' then
        raise exception 'template "%" is being %', template.name,
            case template.state when 'adopting' then 'adopted' else 'dropped' end
            using errcode = 'FH202', detail = 'Until that has ended it can be neither changed nor built from.',
                  hint = format(
                      case template.state
                          when 'adopting' then 'call freehold.operation_resume(%1$s); goes on, '
                                               'call freehold.operation_undo(%1$s); takes it back.'
                          else 'call freehold.operation_resume(%1$s); goes on.'
                      end,
                      (freehold._operation_open(template.name,
                           case template.state when 'adopting' then 'template_adopt' else 'template_drop' end)).id);
    end if;
end
$$;
