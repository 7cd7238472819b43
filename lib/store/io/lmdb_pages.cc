// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lmdb_pages.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/lmdb.h"

namespace ctdb::store {
namespace {

// The form of LMDB's files, on 64-bit machines.
constexpr uint64_t kHeadBytes = 16;  // Of a page: number, padding, kind, lower, upper.
constexpr uint64_t kNodeBytes = 8;   // Of a node: size or page (low, high), flags, key's size.
constexpr uint64_t kTreeBytes = 48;
constexpr uint64_t kMetaBytes = 24 + 2 * kTreeBytes + 16;
constexpr uint64_t kNoPage = ~uint64_t{0};
constexpr uint64_t kFirstPage = 2;  // Behind the meta pages.
constexpr uint32_t kMagic = 0xBEEFC0DE;
constexpr uint16_t kBranch = 0x01, kLeaf = 0x02, kOverflow = 0x04, kMeta = 0x08;
constexpr uint16_t kKinds = 0x6f;  // With those of MDB_DUPSORT.
constexpr uint16_t kBig = 0x01, kSubTree = 0x02;
constexpr uint16_t kFixedMap = 0x01, kIntegerKey = 0x08;
constexpr int kDepthMax = 32;
// Pages that were never written, since they became free at once, may lie behind the end.
constexpr uint64_t kUnwrittenMax = 1 << 20;

template <typename T>
T At(absl::string_view bytes, uint64_t offset) {
  T number;
  std::memcpy(&number, bytes.data() + offset, sizeof(number));
  return number;
}

struct Tree {
  explicit Tree(absl::string_view bytes)
      : page_bytes(At<uint32_t>(bytes, 0)),
        flags(At<uint16_t>(bytes, 4)),
        depth(At<uint16_t>(bytes, 6)),
        entries(At<uint64_t>(bytes, 32)),
        root(At<uint64_t>(bytes, 40)) {}
  uint32_t page_bytes;  // Of the first tree of a meta page.
  uint16_t flags;
  uint16_t depth;
  uint64_t entries;
  uint64_t root;
};

struct Meta {
  Tree free;
  Tree main;
  uint64_t last_page;
  uint64_t transaction;
};

struct Node {
  absl::string_view key;
  uint16_t flags;
  uint64_t size;             // Of the content.
  absl::string_view inside;  // The content, or what says where it is.
  uint64_t child;            // Of a branch.
};

enum class Kind { kFree, kMain, kNamed };

class Checker {
 public:
  Checker(int fd, uint64_t file_bytes, const std::string& path)
      : fd_(fd), file_bytes_(file_bytes), path_(path) {}
  absl::Status Run();

 private:
  struct Walk {
    Kind kind;
    int depth;
    uint64_t entries = 0;
  };
  using Bound = std::optional<std::string>;

  absl::Status Damaged(absl::string_view what) const {
    return absl::DataLossError(absl::StrCat(path_, " is damaged: ", what));
  }
  absl::Status DamagedPage(uint64_t page, absl::string_view what) const {
    return Damaged(absl::StrCat("page ", page, " ", what));
  }
  absl::Status ReadBytes(uint64_t offset, uint64_t size, std::string& bytes) const;
  absl::StatusOr<Meta> ReadMeta(uint64_t page, uint32_t page_bytes) const;
  absl::Status Use(uint64_t page);
  absl::Status CheckTree(const Tree& tree, Kind kind);
  absl::Status CheckPage(Walk& walk, uint64_t page, int level, const Bound& low, const Bound& high);
  absl::StatusOr<std::vector<Node>> Nodes(uint64_t page, absl::string_view bytes,
                                          bool is_branch) const;
  absl::Status CheckLeaf(Walk& walk, uint64_t page, const Node& node);
  absl::Status CheckFree(absl::string_view list);
  bool IsInOrder(Kind kind, absl::string_view a, absl::string_view b) const;

  const int fd_;
  const uint64_t file_bytes_;
  const std::string& path_;
  uint64_t page_bytes_ = 0;
  std::vector<bool> is_used_;
};

absl::Status Checker::ReadBytes(uint64_t offset, uint64_t size, std::string& bytes) const {
  if (offset > file_bytes_ || size > file_bytes_ - offset) return Damaged("it is truncated");
  bytes.resize(size);
  for (uint64_t done = 0; done < size;) {
    const ssize_t got =
        ::pread(fd_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read", path_);
    if (got == 0) return Damaged("it is truncated");
    done += static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

absl::StatusOr<Meta> Checker::ReadMeta(uint64_t page, uint32_t page_bytes) const {
  std::string bytes;
  CTDB_RETURN_IF_ERROR(ReadBytes(page * page_bytes, kHeadBytes + kMetaBytes, bytes));
  const absl::string_view meta = absl::string_view(bytes).substr(kHeadBytes);
  if (At<uint16_t>(bytes, 10) != kMeta || At<uint32_t>(meta, 0) != kMagic ||
      At<uint32_t>(meta, 4) != 1) {
    return Damaged("it is no file of LMDB 0.9");
  }
  return Meta{Tree(meta.substr(24)), Tree(meta.substr(24 + kTreeBytes)),
              At<uint64_t>(meta, 24 + 2 * kTreeBytes), At<uint64_t>(meta, 32 + 2 * kTreeBytes)};
}

absl::Status Checker::Run() {
  CTDB_ASSIGN_OR_RETURN(const Meta even, ReadMeta(0, 0));
  const uint32_t page_bytes = even.free.page_bytes;
  if (page_bytes < 512 || page_bytes > 32768 || (page_bytes & (page_bytes - 1)) != 0) {
    return Damaged("its pages have no size");
  }
  CTDB_ASSIGN_OR_RETURN(const Meta odd, ReadMeta(1, page_bytes));
  page_bytes_ = page_bytes;
  const bool is_fresh = even.transaction == 0 && odd.transaction == 0;
  const bool is_odd_newer = odd.transaction > even.transaction;
  const uint64_t difference =
      is_odd_newer ? odd.transaction - even.transaction : even.transaction - odd.transaction;
  if (odd.free.page_bytes != page_bytes ||
      (!is_fresh && (even.transaction % 2 != 0 || odd.transaction % 2 != 1 || difference != 1))) {
    return Damaged("its beginnings contradict each other");
  }
  const Meta& meta = is_odd_newer ? odd : even;
  if ((meta.free.flags & kFixedMap) != 0 || (meta.free.flags & kIntegerKey) == 0 ||
      meta.last_page < 1 || meta.last_page > file_bytes_ / page_bytes_ + kUnwrittenMax) {
    return Damaged("its beginning makes no sense");
  }
  is_used_.assign(meta.last_page + 1, false);
  CTDB_RETURN_IF_ERROR(CheckTree(meta.main, Kind::kMain));
  return CheckTree(meta.free, Kind::kFree);
}

absl::Status Checker::Use(uint64_t page) {
  if (page < kFirstPage || page >= is_used_.size()) return DamagedPage(page, "does not exist");
  if (is_used_[page]) return DamagedPage(page, "is used twice");
  is_used_[page] = true;
  return absl::OkStatus();
}

absl::Status Checker::CheckTree(const Tree& tree, Kind kind) {
  if (kind != Kind::kFree && tree.flags != 0) return Damaged("a table has unknown flags");
  if (tree.depth > kDepthMax) return Damaged("a table is too deep");
  if ((tree.root == kNoPage) != (tree.depth == 0)) return Damaged("a table has no beginning");
  Walk walk{kind, tree.depth};
  if (tree.root != kNoPage) {
    CTDB_RETURN_IF_ERROR(CheckPage(walk, tree.root, 1, std::nullopt, std::nullopt));
  }
  return walk.entries == tree.entries ? absl::OkStatus() : Damaged("a table lacks entries");
}

bool Checker::IsInOrder(Kind kind, absl::string_view a, absl::string_view b) const {
  return kind == Kind::kFree ? At<uint64_t>(a, 0) < At<uint64_t>(b, 0) : a < b;
}

absl::Status Checker::CheckPage(Walk& walk, uint64_t page, int level, const Bound& low,
                                const Bound& high) {
  CTDB_RETURN_IF_ERROR(Use(page));
  std::string bytes;
  CTDB_RETURN_IF_ERROR(ReadBytes(page * page_bytes_, page_bytes_, bytes));
  const bool is_branch = level < walk.depth;
  if (At<uint64_t>(bytes, 0) != page ||
      (At<uint16_t>(bytes, 10) & kKinds) != (is_branch ? kBranch : kLeaf)) {
    return DamagedPage(page, "is another one");
  }
  CTDB_ASSIGN_OR_RETURN(const std::vector<Node> nodes, Nodes(page, bytes, is_branch));
  if (nodes.size() < (is_branch && walk.kind != Kind::kFree ? 2 : 1)) {
    return DamagedPage(page, "has too few entries");
  }
  Bound last;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const absl::string_view key = nodes[i].key;
    const bool has_key = !is_branch || i > 0;
    if (has_key && (key.empty() || key.size() > kLmdbKeyBytesMax ||
                    (walk.kind == Kind::kFree && key.size() != sizeof(uint64_t)))) {
      return DamagedPage(page, "has a key without a length");
    }
    if (has_key &&
        ((last && !IsInOrder(walk.kind, *last, key)) || (low && IsInOrder(walk.kind, key, *low)) ||
         (high && !IsInOrder(walk.kind, key, *high)))) {
      return DamagedPage(page, "has no order");
    }
    if (has_key) last = std::string(key);
    if (!is_branch) {
      CTDB_RETURN_IF_ERROR(CheckLeaf(walk, page, nodes[i]));
      continue;
    }
    const Bound next = i + 1 < nodes.size() ? Bound(std::string(nodes[i + 1].key)) : high;
    // A key that is too short to be compared is found when its turn comes.
    if (walk.kind == Kind::kFree && next && next->size() != sizeof(uint64_t)) {
      return DamagedPage(page, "has a key without a length");
    }
    CTDB_RETURN_IF_ERROR(CheckPage(walk, nodes[i].child, level + 1, has_key ? last : low, next));
  }
  return absl::OkStatus();
}

// The nodes fill the page from `upper` to its end without gaps.
absl::StatusOr<std::vector<Node>> Checker::Nodes(uint64_t page, absl::string_view bytes,
                                                 bool is_branch) const {
  const uint64_t lower = At<uint16_t>(bytes, 12);
  const uint64_t upper = At<uint16_t>(bytes, 14);
  if (lower < kHeadBytes || lower % 2 != 0 || lower > upper || upper > page_bytes_) {
    return DamagedPage(page, "has no bounds");
  }
  std::vector<Node> nodes;
  std::vector<std::pair<uint64_t, uint64_t>> places;
  for (uint64_t at = kHeadBytes; at < lower; at += 2) {
    const uint64_t begin = At<uint16_t>(bytes, at);
    if (begin < upper || begin + kNodeBytes > page_bytes_) {
      return DamagedPage(page, "has an entry outside of it");
    }
    const uint64_t low = At<uint16_t>(bytes, begin), high = At<uint16_t>(bytes, begin + 2);
    const uint16_t flags = At<uint16_t>(bytes, begin + 4);
    const uint64_t key_size = At<uint16_t>(bytes, begin + 6);
    const uint64_t size = low | high << 16;
    const bool is_big = !is_branch && (flags & kBig) != 0;
    const uint64_t inside = is_branch ? 0 : is_big ? sizeof(uint64_t) : size;
    const uint64_t end = begin + kNodeBytes + key_size + inside;
    if (end > page_bytes_) return DamagedPage(page, "has an entry outside of it");
    places.push_back({begin, end + end % 2});
    nodes.push_back({bytes.substr(begin + kNodeBytes, key_size), flags, size,
                     bytes.substr(begin + kNodeBytes + key_size, inside),
                     size | uint64_t{flags} << 32});
  }
  std::sort(places.begin(), places.end());
  uint64_t expected = upper;
  for (const auto& [begin, end] : places) {
    if (begin != expected) return DamagedPage(page, "has entries that overlap");
    expected = end;
  }
  if (expected != page_bytes_) return DamagedPage(page, "has a gap");
  return nodes;
}

absl::Status Checker::CheckLeaf(Walk& walk, uint64_t page, const Node& node) {
  ++walk.entries;
  if ((node.flags & ~(kBig | (walk.kind == Kind::kMain ? kSubTree : 0))) != 0) {
    return DamagedPage(page, "has an entry of an unknown kind");
  }
  if ((node.flags & kSubTree) != 0) {
    if (node.flags != kSubTree || node.size != kTreeBytes) {
      return DamagedPage(page, "has a table of an unknown kind");
    }
    return CheckTree(Tree(node.inside), Kind::kNamed);
  }
  if ((node.flags & kBig) == 0) {
    return walk.kind == Kind::kFree ? CheckFree(node.inside) : absl::OkStatus();
  }
  const uint64_t first = At<uint64_t>(node.inside, 0);
  if (first >= is_used_.size()) return DamagedPage(first, "does not exist");
  std::string head;
  CTDB_RETURN_IF_ERROR(ReadBytes(first * page_bytes_, kHeadBytes, head));
  const uint64_t pages = At<uint32_t>(head, 12);
  if (At<uint64_t>(head, 0) != first || (At<uint16_t>(head, 10) & kKinds) != kOverflow ||
      pages > is_used_.size() || pages * page_bytes_ < kHeadBytes + node.size) {
    return DamagedPage(first, "is another one");
  }
  if ((first + pages) * page_bytes_ > file_bytes_) return Damaged("it is truncated");
  for (uint64_t i = 0; i < pages; ++i) CTDB_RETURN_IF_ERROR(Use(first + i));
  if (walk.kind != Kind::kFree) return absl::OkStatus();
  std::string list;
  CTDB_RETURN_IF_ERROR(ReadBytes(first * page_bytes_ + kHeadBytes, node.size, list));
  return CheckFree(list);
}

// Their count and their numbers, the largest one first.
absl::Status Checker::CheckFree(absl::string_view list) {
  const uint64_t room = list.size() / sizeof(uint64_t);
  if (room == 0) return Damaged("a list of free pages has no length");
  const uint64_t count = At<uint64_t>(list, 0);
  if (count >= room) return Damaged("a list of free pages has no end");
  uint64_t last = kNoPage;
  for (uint64_t i = 1; i <= count; ++i) {
    const uint64_t page = At<uint64_t>(list, i * sizeof(uint64_t));
    if (page >= last) return Damaged("a list of free pages has no order");
    CTDB_RETURN_IF_ERROR(Use(page));
    last = page;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckLmdbPages(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return ErrnoStatus(errno, "open", path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "look at", path);
  return Checker(fd.get(), static_cast<uint64_t>(info.st_size), path).Run();
}

}  // namespace ctdb::store
