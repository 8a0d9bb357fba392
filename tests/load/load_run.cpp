// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "load_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include "outcome.hpp"
#include "target.hpp"

namespace twinctl {

namespace {

/// How often the file and the signals that end a run are looked for.
constexpr std::chrono::milliseconds look_around_interval{50};
/// What is short on this side, such as ports, is not got by asking at once.
constexpr std::chrono::milliseconds pause_after_local{10};

Order order_of(const Target& target, const Options& options)
{
    Order order{target, options.post ? "POST " : "GET ", 0};
    order.request += target.path + " HTTP/1.1\r\nHost: " + target.host;
    order.request += "\r\nUser-Agent: twin-load\r\n";
    if (!options.keep_alive) {
        order.request += "Connection: close\r\n";
    }
    if (options.post) {
        order.request += "Content-Type: application/octet-stream\r\nContent-Length: ";
        order.request += std::to_string(*options.post) + "\r\n";
    }
    order.request += "\r\n";
    order.head_size = order.request.size();
    order.request.append(options.post.value_or(0), 'p');
    return order;
}

} // namespace

LoadRun::LoadRun(const Options& options, std::function<bool()> interrupted)
    : options_(options), interrupted_(std::move(interrupted)),
      habits_{options.keep_alive, options.timeout, options.post_time, options.rst_percent,
              options.expect}
{
    for (const Target& target : options.targets) {
        orders_.push_back(order_of(target, options));
    }
    if (options.source_ports) {
        ports_ = SourcePorts(options.source_ports->first, options.source_ports->second);
    }
    ClientHost& host = *this;
    for (unsigned number = 0; number < options.clients; ++number) {
        clients_.push_back(std::make_unique<Client>(habits_, loop_, ports_, host));
        free_.push_back(clients_.back().get());
    }
}

Tally LoadRun::run()
{
    begin_ = look_around_at_ = Clock::now();
    progress_at_ = begin_ + std::chrono::seconds(1);
    for (;;) {
        const auto now = Clock::now();
        if (now >= look_around_at_) {
            look_around(now);
        }
        if (over(now)) {
            if (tally_.outstanding() == 0) {
                break;
            }
        } else {
            start_due(now);
        }
        loop_.run_once(next_event(now));
    }
    tally_.verify();
    return tally_;
}

void LoadRun::finished(const Result& result)
{
    const auto now = Clock::now();
    tally_.finished(result, now);
    if (result.outcome == Outcome::local) {
        paused_until_ = now + pause_after_local;
    }
}

bool LoadRun::over(Clock::time_point now)
{
    over_ = over_ || now - begin_ >= options_.duration ||
            (options_.requests != 0 && tally_.sent() >= options_.requests);
    return over_;
}

std::uint64_t LoadRun::due(Clock::time_point now) const
{
    std::uint64_t most = options_.requests == 0 ? ~std::uint64_t{0} : options_.requests;
    if (options_.rate != 0) {
        const double passed = std::chrono::duration<double>(now - begin_).count();
        most = std::min(most, static_cast<std::uint64_t>(passed * options_.rate) + 1);
    }
    return most;
}

void LoadRun::start_due(Clock::time_point now)
{
    // A request can fail while it is being started, and then its client is free at once: without
    // the bound nothing else would ever get its turn.
    const std::uint64_t most = due(now);
    for (std::size_t bound = free_.size();
         bound > 0 && tally_.sent() < most && Clock::now() >= paused_until_; --bound) {
        Client& client = *free_.front();
        free_.pop_front();
        tally_.started(Clock::now());
        client.start(order_for(client));
    }
}

const Order& LoadRun::order_for(const Client& client)
{
    if (options_.keep_alive && client.order() != nullptr) {
        return *client.order();
    }
    const Order& order = orders_[next_order_];
    next_order_ = (next_order_ + 1) % orders_.size();
    return order;
}

Clock::time_point LoadRun::next_event(Clock::time_point now) const
{
    Clock::time_point next = look_around_at_;
    if (over_) {
        return next;
    }
    next = std::min(next, begin_ + options_.duration);
    if (!free_.empty()) {
        Clock::time_point start = std::max(now, paused_until_);
        if (options_.rate != 0) {
            const std::chrono::duration<double> at(static_cast<double>(tally_.sent()) /
                                                   options_.rate);
            start = std::max(start, begin_ + std::chrono::duration_cast<Clock::duration>(at));
        }
        next = std::min(next, start);
    }
    return next;
}

void LoadRun::look_around(Clock::time_point now)
{
    look_around_at_ = now + look_around_interval;
    const std::string& file = options_.until_file;
    if (interrupted_() || (!file.empty() && ::access(file.c_str(), F_OK) == 0)) {
        over_ = true;
    }
    if (options_.progress && now >= progress_at_) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begin_);
        progress_at_ = begin_ + seconds + std::chrono::seconds(1);
        const std::string line =
            std::to_string(seconds.count()) + " s  sent " + std::to_string(tally_.sent()) +
            "  ok " + std::to_string(tally_.count(Outcome::ok)) + "  lost " +
            std::to_string(tally_.lost()) + "  under way " + std::to_string(tally_.outstanding());
        std::fprintf(stderr, "%s\n", line.c_str());
    }
}

} // namespace twinctl
