// demo: an invented organisation's share, scanned and reported, so that a newcomer sees everything
// at work.
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "scanner/app/commands.hpp"
#include "scanner/extract/jail/jail.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::app {
namespace {

namespace fs = std::filesystem;

// The demo archive unpacked by the same jailed reader that a scan uses. Names come from an archive,
// so each is checked: relative, no "..".
class Unpacker : public extract::ExtractSink {
 public:
  explicit Unpacker(fs::path dir) : dir_(std::move(dir)) {}

  void member(const extract::Member& member) override {
    const fs::path name(member.name);
    for (const fs::path& step : name)
      if (step == "..") return;
    if (name.empty() || name.is_absolute()) return;
    const fs::path path = dir_ / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    mtime_ns_ = member.mtime_ns;
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    failed = failed || fd_ < 0;
  }
  void member_bytes(std::span<const std::byte> bytes) override {
    while (fd_ >= 0 && !bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n <= 0) {
        failed = true;
        return;
      }
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }
  void member_end(Outcome outcome) override {
    if (fd_ < 0) return;
    if (mtime_ns_ != 0) {
      const timespec time{mtime_ns_ / 1'000'000'000, mtime_ns_ % 1'000'000'000};
      const timespec times[2] = {time, time};
      ::futimens(fd_, times);
    }
    ::close(std::exchange(fd_, -1));
    failed = failed || outcome.kind != OutcomeKind::kRead;
    ++files;
  }
  void text(const TextChunk&) override {}
  void date(DateEvidence) override {}
  void mailbox(const MailboxTally&) override {}

  std::uint64_t files = 0;
  bool failed = false;

 private:
  fs::path dir_;
  int fd_ = -1;
  std::int64_t mtime_ns_ = 0;
};

int unpack(const Settings& settings, const fs::path& share, std::uint64_t& files) {
  const std::string_view archive = embedded("fixtures/demo/share.tar.xz");
  const int fd = ::memfd_create("gallra-demo", MFD_CLOEXEC);
  const ssize_t n = fd < 0 ? -1 : ::write(fd, archive.data(), archive.size());
  if (n != static_cast<ssize_t>(archive.size()))
    return complain(settings.lang, "app.error.write",
                    {"memfd", errno_text(settings.lang, n < 0 ? errno : EFBIG)}, kFatal);
  auto zygote = jail::Zygote::start(extract::extractors(), settings.limits);
  if (!zygote)
    return complain(settings.lang, "app.error.jail", {printable(zygote.error())}, kFatal);
  extract::ExtractRequest request;
  request.format = Format::kXz;
  request.name = "share.tar.xz";
  request.source = {fd, 0, archive.size()};
  request.limits = settings.limits;
  Unpacker unpacker(share);
  const Outcome outcome = zygote->worker().extract(request, unpacker);
  ::close(fd);
  files = unpacker.files;
  if (outcome.kind != OutcomeKind::kRead || unpacker.failed)
    return complain(settings.lang, "app.error.write",
                    {printable(share.string()), std::string(key_of(outcome.reason))}, kFatal);
  return kDone;
}

int demo(Settings settings, const std::string& out) {
  const fs::path dir = fs::absolute(out);
  const fs::path share = dir / "share";
  std::error_code error;
  // An empty folder will do; into one that holds something the invented persons must not be mixed.
  if (fs::exists(dir, error) && !fs::is_empty(dir, error))
    return complain(settings.lang, "app.error.file_exists", {printable(dir.string())}, kUsage);
  fs::create_directories(share, error);
  if (!error) fs::permissions(dir, fs::perms::owner_all, error);
  if (error)
    return complain(settings.lang, "app.error.write",
                    {printable(dir.string()), errno_text(settings.lang, error.value())}, kFatal);
  std::uint64_t files = 0;
  if (const int code = unpack(settings, share, files); code != kDone) return code;
  fmt::print("{}\n", text(settings.lang, "app.demo.made",
                          {number_text(settings.lang, files), printable(share.string())}));
  settings.db = (dir / "gallra.db").string();
  settings.key_file.clear();  // beside the database, where every other command looks for it
  settings.detect.test_data = detect::TestData::kCount;  // the demo knows only test numbers
  settings.min_coverage = 0;  // its locked and broken specimens are part of the show
  if (const int code = scan(settings, {{share.string()}, true, false}); code != kDone) return code;
  if (const int code = report(settings, dir.string()); code != kDone) return code;
  fmt::print("{}\n",
             text(settings.lang, "app.demo.next", {printable((dir / "rapport.html").string())}));
  return kDone;
}

}  // namespace

void add_demo(CLI::App& cli, Invocation& invocation) {
  auto out = std::make_shared<std::string>("gallra-demo");
  CLI::App* command = cli.add_subcommand("demo");
  command->add_option("--out", *out);
  command->footer(
      "  gallra demo\n"
      "  gallra demo --out /tmp/gallra-demo\n"
      "  gallra --lang en demo");
  command->callback([out, &invocation] {
    auto settings = settings_of(invocation);
    invocation.exit_code = settings ? demo(*settings, *out) : settings.error();
  });
}

}  // namespace gallra::app
