// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/dump_answer.hpp"

#include <linux/unix_diag.h>

#include "core/error.hpp"

namespace twinctl {

namespace {

int visit_message(const nlmsghdr* header, void* data) {
    (*static_cast<const VisitHeader*>(data))(header);
    return MNL_CB_OK;
}

int keep_name(const nlattr* attribute, void* data) {
    if (mnl_attr_get_type(attribute) == UNIX_DIAG_NAME) {
        // Not always terminated: a path may fill sun_path.
        const auto* text = static_cast<const char*>(mnl_attr_get_payload(attribute));
        static_cast<std::string*>(data)->assign(
            text, strnlen(text, mnl_attr_get_payload_len(attribute)));
    }
    return MNL_CB_OK;
}

}  // namespace

bool visit_dump(const void* bytes, std::size_t length, unsigned port_id, const VisitHeader& visit) {
    const int more = mnl_cb_run(bytes, length, 0, port_id, visit_message, const_cast<VisitHeader*>(&visit));
    if (more < 0) {
        throw SystemError::from_errno("cannot read sock_diag's answer");
    }
    return more != MNL_CB_STOP;
}

std::string unix_path(const nlmsghdr* header) {
    std::string path;
    mnl_attr_parse(header, sizeof(unix_diag_msg), keep_name, &path);
    return path;
}

}  // namespace twinctl
