#include "scanner/app/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/core.h>
#include <new>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

#include "scanner/app/process.hpp"

namespace gallra::app {
namespace {

constexpr std::chrono::milliseconds kRedraw{500};
constexpr std::chrono::minutes kPlainEvery{10};

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

// Cut at a character border so that a line never wraps (a wrapped live line cannot be redrawn).
std::string fit(std::string line, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xc0) == 0x80) continue;
    if (++columns > width) return line.substr(0, i);
  }
  return line;
}

}  // namespace

Progress::Progress(const std::string& mode, Lang lang, std::string label,
                   std::function<std::uint64_t(const std::atomic<bool>&)> count,
                   const Counters& counters, const std::atomic<bool>& stopping)
    : lang_(lang),
      label_(std::move(label)),
      counters_(counters),
      stopping_(stopping),
      started_(std::chrono::steady_clock::now()) {
  silent_ = mode == "none";
  live_ = mode == "tty" || (mode == "auto" && ::isatty(STDERR_FILENO) == 1);
  if (!live_ && !silent_) tell(text(lang_, "app.progress.start", {printable(label_)}));
  listen_for_questions();
  try {
    thread_ = std::thread([this] { run(); });
    if (!silent_) counting_ = std::thread([this, count = std::move(count)] { count_ahead(count); });
  } catch (const std::system_error&) {  // no more threads to be had: the scan matters more
  }
}

Progress::~Progress() {
  stop_counting_ = true;
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (counting_.joinable()) counting_.join();
  if (drawn_) std::fputs("\x1b[2A\x1b[J", stderr);
}

void Progress::count_ahead(const std::function<std::uint64_t(const std::atomic<bool>&)>& count) {
  try {
    expected_ = count(stop_counting_);
  } catch (const std::bad_alloc&) {  // then the time left stays unknown
  }
}

void Progress::run() {
  std::unique_lock lock(mutex_);
  auto next_plain = std::chrono::steady_clock::now() + kPlainEvery;
  while (!wake_.wait_for(lock, kRedraw, [this] { return done_; })) {
    if (live_) {
      draw_live();
    } else if (was_asked()) {
      say_plain();
    } else if (!silent_ && std::chrono::steady_clock::now() >= next_plain) {
      say_plain();
      next_plain += kPlainEvery;
    }
  }
}

std::string Progress::rates() const {
  const double seconds = std::max(
      0.001, std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count());
  const auto per_second =
      static_cast<std::uint64_t>(static_cast<double>(counters_.files) / seconds);
  const auto bytes = static_cast<std::uint64_t>(static_cast<double>(counters_.bytes) / seconds);
  return text(lang_, "app.progress.rates",
              {number_text(lang_, per_second), bytes_text(lang_, bytes),
               number_text(lang_, counters_.findings), number_text(lang_, counters_.unread)});
}

std::string Progress::time_left() const {
  const std::uint64_t expected = expected_, files = counters_.files + counters_.passed;
  if (expected == 0 || files < 10 || files >= expected)
    return std::string(text(lang_, "app.progress.counting"));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  const auto left = static_cast<std::uint64_t>(seconds / static_cast<double>(files) *
                                               static_cast<double>(expected - files));
  return text(lang_, "app.progress.left",
              {fmt::format("{}:{:02}:{:02}", left / 3600, left / 60 % 60, left % 60)});
}

void Progress::draw_live() {
  const std::size_t width = terminal_width();
  const std::string first = text(
      lang_, "app.progress.line",
      {printable(label_), number_text(lang_, counters_.files),
       number_text(lang_, counters_.members), bytes_text(lang_, counters_.bytes), time_left()});
  const std::string second =
      stopping_ ? std::string(text(lang_, "app.progress.stopping")) : rates();
  if (drawn_) std::fputs("\x1b[2A", stderr);
  const std::string lines =
      "\x1b[2K" + fit(first, width - 1) + "\n\x1b[2K" + fit(second, width - 1);
  tell(lines);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::say_plain() {
  tell(text(lang_, "app.progress.line",
            {printable(label_), number_text(lang_, counters_.files),
             number_text(lang_, counters_.members), bytes_text(lang_, counters_.bytes),
             time_left()}) +
       " · " + rates());
}

}  // namespace gallra::app
