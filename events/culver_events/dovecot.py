"""Names that exist in Dovecot 2.3 and 2.4 (inventory 9.3 and 9.4), emitted here or not.

A filter carried over from Dovecot may mention them: it is then told that they never occur, and
not refused as if they were misspelt.
"""

from typing import Final

_EVENTS: Final = """
    auth_client_cache_flush_finished auth_client_cache_flush_started
    auth_client_passdb_lookup_finished auth_client_passdb_lookup_started
    auth_client_request_challenged auth_client_request_continued auth_client_request_finished
    auth_client_request_started auth_client_userdb_list_finished auth_client_userdb_list_started
    auth_client_userdb_lookup_finished auth_client_userdb_lookup_started
    auth_master_client_login_finished auth_master_client_login_started
    auth_passdb_request_finished auth_passdb_request_started auth_policy_request_finished
    auth_request_finished auth_userdb_request_finished auth_userdb_request_started
    auth_worker_request_finished client_connection_connected client_connection_disconnected
    data_stack_grow dict_created dict_destroyed dict_increment_key dict_iteration_finished
    dict_iteration_started dict_lookup_finished dict_server_iteration_finished
    dict_server_lookup_finished dict_server_transaction_finished dict_set_key dict_set_timestamp
    dict_transaction_finished dict_transaction_started dict_unset_key dns_request_finished
    dns_request_started dns_worker_request_finished dns_worker_request_started
    fs_dictmap_dict_write_uncertain fs_dictmap_empty_bucket_iterated
    fs_dictmap_max_bucket_changed fs_dictmap_object_lost fts_dovecot_too_many_triplets
    fts_flatcurve_expunge fts_flatcurve_index fts_flatcurve_last_uid fts_flatcurve_optimize
    fts_flatcurve_query fts_flatcurve_rescan fts_flatcurve_rotate http_request_finished
    http_request_redirected http_request_retried http_server_request_finished
    http_server_request_started imap_client_hibernated imap_client_unhibernate_retried
    imap_client_unhibernated imap_command_finished imap_id_received
    indexer_worker_indexing_finished login_aborted mail_cache_corrupted
    mail_cache_decision_changed mail_cache_decision_rejected mail_cache_lookup_finished
    mail_cache_purge_drop_field mail_cache_purge_finished mail_cache_purge_started
    mail_cache_record_corrupted mail_delivery_finished mail_delivery_started
    mail_expunge_requested mail_expunged mail_index_recreated mail_metadata_accessed mail_opened
    mail_user_session_finished managesieve_command_finished
    metacache_mailbox_bundle_download_finished metacache_mailbox_bundle_download_started
    metacache_mailbox_bundle_upload_finished metacache_mailbox_bundle_upload_started
    metacache_mailbox_refresh_finished metacache_mailbox_refresh_started
    metacache_upload_finished metacache_upload_started metacache_user_bundle_download_finished
    metacache_user_bundle_download_started metacache_user_bundle_upload_finished
    metacache_user_bundle_upload_started metacache_user_clean_finished
    metacache_user_clean_started metacache_user_refresh_finished metacache_user_refresh_started
    obox_index_merge_finished obox_index_merge_skip_uid_renumbering obox_index_merge_started
    obox_index_merge_uids_renumbered obox_index_merge_uidvalidity_changed
    obox_mailbox_rebuild_finished obox_mailbox_rebuild_started obox_mailbox_rescan_finished
    obox_mailbox_rescan_started pop3_command_finished proxy_session_established
    proxy_session_finished proxy_session_reconnecting proxy_session_started
    push_notification_finished server_connection_connected server_connection_disconnected
    sieve_action_finished sieve_runtime_script_finished sieve_runtime_script_started
    sieve_script_activated sieve_script_closed sieve_script_deleted sieve_script_opened
    sieve_script_renamed sieve_storage_deactivated sieve_storage_save_finished
    sieve_storage_save_started smtp_client_command_finished smtp_client_command_sent
    smtp_client_command_started smtp_client_transaction_finished
    smtp_client_transaction_rcpt_finished smtp_client_transaction_started
    smtp_server_command_finished smtp_server_command_started smtp_server_transaction_finished
    smtp_server_transaction_rcpt_finished smtp_server_transaction_started smtp_submit_finished
    smtp_submit_started sql_connection_finished sql_query_finished sql_transaction_finished
"""

_FIELDS: Final = """
    action_name action_script_location alloc_size attempts auth_attempts auth_successes
    auth_usecs auth_user binary_path bundle_size bundle_type cache cached certificate_user
    cleanup client_id cmd_args cmd_human_args cmd_input_name cmd_name cmd_tag command command_id
    compile_errors compile_warnings connected_usecs connection_id consistency count data_size
    decision deleted deleted_count dest_host dest_ip dest_port dict_driver dict_name
    disconnect_reason disconnect_side empty_bucket enhanced_code error error_code
    error_consistency expunged external field file_seq file_size fileinto_mailbox filename
    filepath first_uid frame_marker guid_lookups guid_lookups_skipped hibernation_usecs id
    idle_usecs internal invol_cs is_reset key key_not_found last_run_time last_uid last_used
    local_ip local_name local_port lock_wait_usecs login_user mail_from mail_param_auth
    mail_param_body mail_param_envid mail_param_ret mail_param_size mailbox mailbox_guid
    mails_kept mails_lost mails_lost_during_resync mails_new mails_temp_lost mails_total
    major_faults master_user max_bucket max_uid maybe mechanism message_count message_from
    message_id message_size message_subject message_vsize metacache_status method min_priority
    minor_faults mode net_in_bytes net_out_bytes new_decision new_script_name notify_target
    object_id old_decision old_max_bucket old_script_name original_user passdb passdb_driver
    passdb_id passdb_name path pipe_program policy_penalty policy_result prev_deleted_records
    prev_file_seq prev_file_size protocol query query_first_word rchar rcpt_param_notify
    rcpt_param_orcpt rcpt_param_orcpt_type rcpt_to real_local_ip real_local_port real_remote_ip
    real_remote_port reason recipients recipients_aborted recipients_denied recipients_failed
    recipients_succeeded reconnect_attempts redirect_target redirects remote_ip remote_pid
    remote_port remote_uid renumber_count reply report_target report_type request_id rescan
    result rollback rows rss running_usecs script_location script_name seq service session
    socket_path source_ip source_port sql_driver status status_code stime storage_driver success
    syscr syscw tagged_reply tagged_reply_state target tls_cipher tls_cipher_bits tls_pfs
    tls_protocol transaction_id translated_user transport triplet_count trusted uid uids
    used_size user user_cpu_usecs user_mask userdb userdb_driver userdb_id userdb_name utime
    vol_cs vsz wchar write_uncertain
"""

DOVECOT_EVENTS: Final = frozenset(_EVENTS.split())
"""Event names."""

DOVECOT_FIELDS: Final = frozenset(_FIELDS.split())
"""Field names."""
