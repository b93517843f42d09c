// The yardstick: the same price ladder, bitmap, FIFO lists, risk and events as the exchange, bare in C++.
// g++ -O3 -march=native twin.cpp -o twin; ./twin workload.bin → {"seconds":…,"trades":…,"volume":…}
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

using i32 = int32_t;
using i64 = int64_t;
using u32 = uint32_t;
using u64 = uint64_t;

struct Order { i32 price, qty, next, prev, account, id, side, pad; };
struct Level { i32 head, tail, qty, count; };
struct Event { i32 type, sequence, id, other, price, qty, account, command; };
struct alignas(64) Account { i64 position, openBuy, openSell, notional, cash, maxQty, maxPosition, maxNotional; };

struct Bitmap {
  std::vector<u64> words, summary;
  explicit Bitmap(int size) : words(size / 64), summary(size / 4096 + 1) {}
  void set(u32 i) { if (!words[i >> 6]) summary[i >> 12] |= 1ull << ((i >> 6) & 63); words[i >> 6] |= 1ull << (i & 63); }
  void clear(u32 i) { words[i >> 6] &= ~(1ull << (i & 63)); if (!words[i >> 6]) summary[i >> 12] &= ~(1ull << ((i >> 6) & 63)); }
  i32 below(u32 i) const {
    u64 bits = words[i >> 6] & ((1ull << (i & 63)) - 1);
    if (bits) return i32((i >> 6 << 6) + 63 - __builtin_clzll(bits));
    i32 k = i32(i >> 12);
    for (bits = summary[k] & ((1ull << ((i >> 6) & 63)) - 1); !bits; bits = summary[k]) if (--k < 0) return -1;
    u32 w = u32(k << 6) + 63 - __builtin_clzll(bits);
    return i32((w << 6) + 63 - __builtin_clzll(words[w]));
  }
  i32 above(u32 i) const {
    u64 bits = (i & 63) == 63 ? 0 : words[i >> 6] & (~0ull << ((i & 63) + 1));
    if (bits) return i32((i >> 6 << 6) + __builtin_ctzll(bits));
    u32 k = i >> 12, w = i >> 6;
    for (bits = (w & 63) == 63 ? 0 : summary[k] & (~0ull << ((w & 63) + 1)); !bits; bits = summary[k]) if (++k >= summary.size()) return INT32_MAX;
    w = (k << 6) + __builtin_ctzll(bits);
    return i32((w << 6) + __builtin_ctzll(words[w]));
  }
};

enum { BUY, SELL };
enum { ACCEPTED = 1, TRADED, CANCELED, REJECTED, REPLACED };

struct Book {
  static constexpr int CAPACITY = 1 << 17, WIDTH = 1 << 16, EVENTS = 1 << 16, COLLAR = 30000;
  std::vector<Order> orders; std::vector<Level> levels; std::vector<Event> events; std::vector<Account> accounts; std::vector<i32> slots;
  Bitmap side[2] = {Bitmap(WIDTH), Bitmap(WIDTH)};
  i32 best[2] = {-1, INT32_MAX}, freeSlot = 0, lastPrice = 0;
  u32 sequence = 0, command = 0; i64 trades = 0, volume = 0, rejects = 0;

  explicit Book(i32 ids) : orders(CAPACITY), levels(WIDTH), events(EVENTS), accounts(1024), slots(ids, -1) {
    for (int i = 0; i < CAPACITY; i++) orders[i].next = i + 1 < CAPACITY ? i + 1 : -1;
    for (auto& l : levels) l = {-1, -1, 0, 0};
    for (auto& a : accounts) { a = {}; a.maxQty = 1000000; a.maxPosition = 1000000000; a.maxNotional = 1000000000000000; }
  }
  void emit(i32 type, i32 id, i32 other, i32 price, i32 qty, i32 account) {
    events[sequence & (EVENTS - 1)] = {type, i32(sequence), id, other, price, qty, account, i32(command)};
    sequence++;
  }
  bool collared(i32 price) const { return lastPrice && (price > lastPrice + COLLAR || price < lastPrice - COLLAR); }
  void dropLevel(int s, i32 price) { side[s].clear(price); if (price == best[s]) best[s] = s == BUY ? side[BUY].below(price) : side[SELL].above(price); }

  template <int S> i32 match(i32 id, i32 limit, i32 qty, i32 account) {
    constexpr int M = 1 - S;
    while (qty > 0 && (S == BUY ? best[SELL] <= limit : best[BUY] >= limit && best[BUY] >= 0)) {
      const i32 price = best[M]; Level& level = levels[price]; i32 slot = level.head;
      do {
        Order& maker = orders[slot]; const i32 traded = maker.qty < qty ? maker.qty : qty; const i64 value = i64(traded) * price;
        qty -= traded; level.qty -= traded; trades++; volume += traded;
        Account &m = accounts[maker.account], &t = accounts[account];
        if (S == BUY) { m.position -= traded; m.openSell -= traded; t.position += traded; m.cash += value; t.cash -= value; }
        else { m.position += traded; m.openBuy -= traded; t.position -= traded; m.cash -= value; t.cash += value; }
        m.notional -= value; lastPrice = price;
        emit(TRADED, id, maker.id, price, traded, maker.account);
        if (traded < maker.qty) { maker.qty -= traded; break; }
        const i32 next = maker.next; slots[maker.id] = -1; maker.next = freeSlot; freeSlot = slot; level.count--; slot = next;
      } while (slot >= 0 && qty > 0);
      level.head = slot;
      if (slot < 0) { level.tail = -1; dropLevel(M, price); } else orders[slot].prev = -1;
    }
    return qty;
  }
  void rest(i32 slot, i32 id, i32 s, i32 price, i32 qty, i32 account) {
    Level& level = levels[price]; const i32 tail = level.tail;
    orders[slot] = {price, qty, -1, tail, account, id, s, 0}; level.tail = slot; level.count++;
    if (tail >= 0) { orders[tail].next = slot; level.qty += qty; return; }
    level.head = slot; level.qty = qty; side[s].set(price);
    if (s == BUY ? price > best[BUY] : price < best[SELL]) best[s] = price;
  }
  void unlink(i32 slot) {
    Order& o = orders[slot]; Level& level = levels[o.price];
    if (o.prev >= 0) orders[o.prev].next = o.next; else level.head = o.next;
    if (o.next >= 0) orders[o.next].prev = o.prev; else level.tail = o.prev;
    level.qty -= o.qty; level.count--;
    if (level.head < 0) dropLevel(o.side, o.price);
  }
  void release(i32 slot) { slots[orders[slot].id] = -1; orders[slot].next = freeSlot; freeSlot = slot; }

  void place(i32 id, i32 s, i32 price, i32 qty, i32 account, bool immediate) {
    Account& a = accounts[account]; const i64 value = i64(price) * qty;
    const i64 projected = s == BUY ? a.position + a.openBuy + qty : -a.position + a.openSell + qty;
    if (qty <= 0 || qty > a.maxQty || projected > a.maxPosition || a.notional + value > a.maxNotional || collared(price)) { rejects++; emit(REJECTED, id, 0, price, qty, account); return; }
    emit(ACCEPTED, id, s, price, qty, account);
    const i32 left = s == BUY ? match<BUY>(id, price, qty, account) : match<SELL>(id, price, qty, account);
    if (left == 0) return;
    if (immediate) { emit(CANCELED, id, 1, price, left, account); return; }
    const i32 slot = freeSlot; freeSlot = orders[slot].next; slots[id] = slot;
    rest(slot, id, s, price, left, account);
    (s == BUY ? a.openBuy : a.openSell) += left; a.notional += i64(price) * left;
  }
  void cancel(i32 id) {
    const i32 slot = slots[id]; if (slot < 0) { rejects++; emit(REJECTED, id, 0, 0, 0, 0); return; }
    Order& o = orders[slot]; Account& a = accounts[o.account];
    unlink(slot); (o.side == BUY ? a.openBuy : a.openSell) -= o.qty; a.notional -= i64(o.price) * o.qty;
    emit(CANCELED, id, 0, o.price, o.qty, o.account); release(slot);
  }
  void move(i32 id, i32 price) {
    const i32 slot = slots[id]; if (slot < 0) { rejects++; emit(REJECTED, id, 0, price, 0, 0); return; }
    const Order o = orders[slot]; Account& a = accounts[o.account]; const i64 change = i64(o.qty) * (price - o.price);
    if (a.notional + change > a.maxNotional || collared(price)) { rejects++; emit(REJECTED, id, 0, price, o.qty, o.account); return; }
    a.notional += change; unlink(slot); emit(REPLACED, id, o.side, price, o.qty, o.account);
    const i32 left = o.side == BUY ? match<BUY>(id, price, o.qty, o.account) : match<SELL>(id, price, o.qty, o.account);
    (o.side == BUY ? a.openBuy : a.openSell) -= o.qty - left; a.notional -= i64(o.qty - left) * price;
    if (left > 0) rest(slot, id, o.side, price, left, o.account); else release(slot);
  }
  void apply(const i32* c) {
    command++;
    if (c[0] == 3) move(c[1], c[3]); else if (c[0] == 2) cancel(c[1]); else place(c[1], c[2], c[3], c[4], c[5], c[0] == 1);
  }
};

int main(int argc, char** argv) {
  FILE* file = argc > 1 ? fopen(argv[1], "rb") : nullptr;
  if (!file) { fprintf(stderr, "usage: twin WORKLOAD\n"); return 2; }
  i32 header[4]; if (fread(header, 4, 4, file) != 4) return 1; // total, warmup, idEnd, stride
  std::vector<i32> records(size_t(header[0]) * header[3]);
  if (fread(records.data(), 4, records.size(), file) != records.size()) return 1;
  Book book(header[2]);
  const i32* record = records.data();
  for (i32 i = 0; i < header[1]; i++, record += header[3]) book.apply(record);
  const i64 tradesBefore = book.trades;
  const auto start = std::chrono::steady_clock::now();
  for (i32 i = header[1]; i < header[0]; i++, record += header[3]) book.apply(record);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  printf("{\"seconds\":%.6f,\"trades\":%ld,\"volume\":%ld,\"rejects\":%ld}\n", seconds, long(book.trades - tradesBefore), long(book.volume), long(book.rejects));
}
