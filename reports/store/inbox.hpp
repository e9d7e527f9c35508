// What waits for the writer thread: a queue with a ceiling in bytes, since one result may be a
// hundred bytes or ten megabytes. The consumer can wait with a deadline, so that an idle scan still
// commits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace gallra::store {

template <typename T>
class Inbox {
 public:
  explicit Inbox(std::size_t capacity_bytes) : capacity_(capacity_bytes) {}

  // Waits while full; a single value larger than the ceiling passes alone.
  void push(T value, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return held_ == 0 || held_ + bytes <= capacity_; });
    held_ += bytes;
    items_.emplace_back(std::move(value), bytes);
    arrived_.notify_one();
  }

  // Waits until something arrives or the deadline passes; nullopt = the deadline passed.
  std::optional<T> pop(std::optional<std::chrono::steady_clock::time_point> deadline) {
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return !items_.empty(); };
    if (!deadline) {
      arrived_.wait(lock, ready);
    } else if (!arrived_.wait_until(lock, *deadline, ready)) {
      return std::nullopt;
    }
    std::optional<T> value(std::move(items_.front().first));
    held_ -= items_.front().second;
    items_.pop_front();
    room_.notify_all();
    return value;
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable arrived_;
  std::deque<std::pair<T, std::size_t>> items_;  // guarded by mutex_
  std::size_t held_ = 0;                         // bytes in items_, guarded by mutex_
};

}  // namespace gallra::store
