# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What HAProxy 2.6 answered on its socket: a server of its configuration, and one that was added, and drains."""

STATE = """\
1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight \
srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state \
srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl \
srv_check_port srv_check_addr srv_agent_addr srv_agent_port
2 any_http 1 ch1 127.0.0.1 2 0 100 100 9 8 2 0 6 22 0 0 - 18123 - 0 0 - - 19180
2 any_http 2 ch2 10.0.0.2 2 8 0 100 5 1 0 0 6 18 0 0 - 8123 - 0 8123 - 10.0.0.2 9180
"""
STATISTICS = "# pxname,svname,scur,agent_status,\nany_http,ch1,3,* L7OK,\nany_http,ch2,0,L4CON,\n\n"
