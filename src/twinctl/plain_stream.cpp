// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/plain_stream.hpp"

#include <cstddef>
#include <ios>
#include <string>

#include "core/plain.hpp"

namespace twinctl {

std::streamsize PlainStream::xsputn(const char* text, std::streamsize size) {
    sink_ << plain({text, static_cast<std::size_t>(size)}, "\n\t");
    return sink_ ? size : 0;
}

std::streambuf::int_type PlainStream::overflow(std::streambuf::int_type c) {
    using Traits = std::char_traits<char>;
    if (Traits::eq_int_type(c, Traits::eof())) {
        return Traits::not_eof(c);
    }
    const char character = Traits::to_char_type(c);
    return xsputn(&character, 1) == 1 ? c : Traits::eof();
}

int PlainStream::sync() {
    return sink_.flush() ? 0 : -1;
}

}  // namespace twinctl
