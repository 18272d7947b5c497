-- Installs freehold, or upgrades its functions and grants: psql -X -1 -v ON_ERROR_STOP=1 -f sql/install.sql
-- This is the manifest: the load order and the table of contents.

-- The control plane as declared.
\ir schema/role.sql
\ir schema/ddl_type.sql
\ir schema/setting.sql
\ir schema/cell.sql
\ir schema/template.sql
\ir schema/tenant.sql
\ir schema/operation.sql

-- Settings, clock, actor.
\ir functions/setting/_setting_value.sql
\ir functions/setting/_role.sql
\ir functions/setting/_now.sql
\ir functions/setting/actor_current.sql
\ir functions/setting/version.sql
\ir functions/operation/_operation_begin.sql
\ir functions/operation/_operation_end.sql
\ir functions/operation/operation_failed.sql
\ir functions/operation/operation_get.sql
\ir functions/operation/operation_list.sql
\ir functions/setting/setting_get.sql
\ir functions/setting/setting_list.sql
\ir functions/setting/setting_set.sql

-- The deparser: a schema as ordered statements.
-- (ddl section)
\ir functions/ddl/_schema_check.sql

-- Cells: who makes roles and schemas.
\ir functions/cell/_cell_name.sql
\ir functions/cell/_cell_run.sql
\ir functions/cell/_membership.sql
\ir functions/cell/_membership_assert.sql
\ir functions/cell/_cell_function.sql
\ir functions/cell/_cell_open.sql
\ir functions/cell/_cell_pick.sql
\ir functions/cell/_owner_run.sql

-- Gates: which logins reach the tenants of a cell.
\ir functions/access/_gate_change.sql
\ir functions/access/gate_grant.sql
\ir functions/access/gate_revoke.sql

-- Erasure, and what must not go along.
\ir functions/erasure/_home.sql
\ir functions/erasure/_outside_dependents.sql
\ir functions/erasure/_outside_check.sql
\ir functions/erasure/_schema_drop.sql
\ir functions/erasure/_erase_batch.sql
\ir functions/erasure/_erase_residue.sql

-- Tenants and templates.
\ir functions/tenant/_slug_check.sql
\ir functions/tenant/_external_id_key.sql
\ir functions/tenant/_tenant_lock.sql
\ir functions/tenant/_tenant_transition.sql
\ir functions/tenant/_name_free.sql
\ir functions/tenant/_tenant_register.sql
\ir functions/tenant/_schema_create.sql
\ir functions/tenant/_schema_paths.sql
\ir functions/tenant/_tenant_admit.sql
\ir functions/tenant/_tenant_exclude.sql
\ir functions/tenant/_force_row_security.sql
\ir functions/tenant/_clone_copy.sql
\ir functions/tenant/_ddl_readable.sql
\ir functions/template/_owner_defaults.sql
\ir functions/template/_runtime_grants.sql
\ir functions/template/_template_lock.sql
\ir functions/template/_template_version.sql
\ir functions/template/_template_register.sql
\ir functions/template/_template_script.sql
\ir functions/template/_template_seed.sql
\ir functions/template/template_create.sql
\ir functions/template/template_adopt.sql
\ir functions/template/template_apply.sql
\ir functions/template/template_freeze.sql
\ir functions/template/template_list.sql
\ir functions/template/template_drop.sql
\ir functions/tenant/tenant_get.sql
\ir functions/tenant/tenant_list.sql
\ir functions/tenant/tenant_slug.sql
\ir functions/tenant/tenant_provision.sql
\ir functions/tenant/tenant_clone.sql
\ir functions/tenant/tenant_rename.sql
\ir functions/tenant/tenant_suspend.sql
\ir functions/tenant/tenant_resume.sql
\ir functions/tenant/tenant_retire.sql
\ir functions/tenant/tenant_reinstate.sql
\ir functions/tenant/tenant_drift.sql
\ir functions/tenant/fleet_drift.sql
\ir functions/erasure/tenant_erase_step.sql
\ir functions/erasure/tenant_erase.sql

-- Grants, and giving up what the install took.
\ir functions/grant/_grant_declared.sql
\ir functions/grant/_grant_excess.sql
\ir schema/grant.sql
\ir schema/finish.sql
