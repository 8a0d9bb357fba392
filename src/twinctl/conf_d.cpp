// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/trust.hpp"
#include "twinctl/assignments.hpp"
#include "twinctl/config.hpp"
#include "twinctl/process_runner.hpp"

namespace twinctl {

namespace {

// Prints, for each twin, KEY NUL VALUE NUL of every key asked for that is set, then what `set`
// says, NUL, from which the names of keys that nobody knows are taken.
//   $1 /etc  $2 NAME  $3 the runlevel  $4... keys
constexpr char script[] = R"(
etc=$1 pair=$2 level=$3
shift 3
load() {
	[ ! -e "$1" ] || . "$1" || {
		printf '%s: OpenRC does not load it: its last command fails\n' "$1" >&2
		exit 1
	}
}
load_conf() {
	if [ -e "$1.$level" ]; then load "$1.$level"; else load "$1"; fi
}
for parity in 0 1; do (
	RC_SVCNAME=$pair.$parity
	RC_RUNLEVEL=$level
	SVCNAME=$RC_SVCNAME
	{
		load "$etc/rc.conf"
		for file in "$etc"/rc.conf.d/*.conf; do load "$file"; done
		load_conf "$etc/conf.d/$pair"
		load_conf "$etc/conf.d/$pair.$parity"
	} >/dev/null
	for key; do
		eval "[ -z \"\${$key+x}\" ] || printf '%s\0%s\0' \"$key\" \"\$$key\""
	done
	printf '\0'
	set
	printf '\0'
) || exit 1; done
)";

constexpr const char* openrc_keys[] = {"supervisor",   "command_user", "output_log", "error_log",
                                        "error_logger", "notify",       "directory",  "capabilities"};

std::string take_until_nul(std::string_view& rest) {
    const auto nul = rest.find('\0');
    if (nul == std::string_view::npos) {
        throw SystemError("cannot read the configuration: /bin/sh printed too little");
    }
    const std::string value(rest.substr(0, nul));
    rest.remove_prefix(nul + 1);
    return value;
}

/// The end of the assignment that begins at AT: a newline in no quotes. A value may hold newlines,
/// and lines that look like assignments; the shell quotes it so that it could be read again.
std::size_t assignment_end(const std::string& listing, std::size_t at) {
    char quote = 0;
    bool escapes = true;
    for (; at < listing.size() && (quote != 0 || listing[at] != '\n'); ++at) {
        const char c = listing[at];
        if (c == '\\' && escapes) {
            ++at;
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
            escapes = c == '"' || (at > 0 && listing[at - 1] == '$');
        } else if (c == quote) {
            quote = 0;
            escapes = true;
        }
    }
    return std::min(at, listing.size());
}

/// Adds names such as twin_prot that `set` listed.
void add_unknown(const std::string& listing, Settings& settings) {
    std::size_t line = 0;
    while (line < listing.size()) {
        const auto end = assignment_end(listing, line);
        const std::string_view text(listing.data() + line, end - line);
        const auto equals = text.find('=');
        if (text.starts_with("twin_") && equals != std::string_view::npos) {
            settings.emplace(text.substr(0, equals), "");
        }
        line = end + 1;
    }
}

/// What an image's /etc says. Nothing of an image is run here: only plain assignments are taken, and in the files of the
/// pair nothing else may stand.
std::vector<Settings> read_image_settings(const Layout& layout, const std::string& pair) {
    require_trusted_pair(layout, pair, "");
    const auto etc = layout.root + "/etc/";
    std::map<std::string, std::string> common;
    const auto read = [&](const std::string& path, bool is_ours, auto& values) {
        require_beneath(layout.root, path);
        try {
            parse_assignments(read_file_if_any(path).value_or(""), is_ours, values);
        } catch (const InputError& error) {
            throw InputError(path + ": " + error.what() + ": with --root nothing of the image is run");
        }
    };
    read(etc + "rc.conf", false, common);
    for (const auto& name : names_in(etc + "rc.conf.d")) {
        if (name.ends_with(".conf")) {
            read(etc + "rc.conf.d/" + name, false, common);
        }
    }
    read(layout.conf(pair), true, common);
    std::vector<Settings> both;
    for (int parity = 0; parity < 2; ++parity) {
        auto values = common;
        read(layout.conf(TwinName{pair, parity}.str()), true, values);
        std::erase_if(values, [](const auto& entry) {
            return !entry.first.starts_with("twin_") &&
                   std::find(std::begin(openrc_keys), std::end(openrc_keys), entry.first) == std::end(openrc_keys);
        });
        both.push_back(std::move(values));
    }
    return both;
}

}  // namespace

std::vector<Settings> read_settings(const Layout& layout, const std::string& pair) {
    if (!layout.root.empty()) {
        return read_image_settings(layout, pair);
    }
    auto level = read_file_if_any(layout.svcdir + "/softlevel").value_or("");
    level = level.substr(0, level.find('\n'));
    // Before it is run: it is shell, and we are mostly root.
    require_trusted_pair(layout, pair, level);
    RunRequest request{{"/bin/sh", "-c", script, "conf.d", "/etc", pair, level},
                       plain_environment(), 10000, true};
    auto& argv = request.argv;
    argv.insert(argv.end(), known_keys().begin(), known_keys().end());
    argv.insert(argv.end(), std::begin(openrc_keys), std::end(openrc_keys));
    const auto result = run_program(request);
    if (result.timed_out) {
        throw InputError(layout.conf(pair) + ": /bin/sh did not come to its end in 10 s");
    }
    // The shell names file and line; where it has failed the last line is ours.
    std::string complaint;
    for (std::size_t at = 0; at < result.errors.size();) {
        const auto end = std::min(result.errors.find('\n', at), result.errors.size());
        const auto line = printable(result.errors.substr(at, end - at));
        at = end + 1;
        // The files are read once for each twin.
        if (("; " + complaint + "; ").find("; " + line + "; ") == std::string::npos) {
            complaint += (complaint.empty() ? "" : "; ") + line;
        }
    }
    if (result.status != 0) {
        throw InputError("cannot read the configuration of " + pair + ": " + complaint);
    }
    auto both = parse_settings(result.output);
    for (auto& settings : both) {
        settings[shell_said_key] = complaint;
    }
    return both;
}

std::vector<Settings> parse_settings(std::string_view rest) {
    std::vector<Settings> both;
    for (int parity = 0; parity < 2; ++parity) {
        Settings settings;
        for (auto key = take_until_nul(rest); !key.empty(); key = take_until_nul(rest)) {
            settings[key] = take_until_nul(rest);
        }
        add_unknown(take_until_nul(rest), settings);
        both.push_back(std::move(settings));
    }
    return both;
}

}  // namespace twinctl
