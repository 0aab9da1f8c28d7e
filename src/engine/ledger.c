/*
 * ledger.c
 *	  Wallets (an account's money in one asset), postings, cash in and out.
 *
 * Every movement debits one wallet and credits another of the same asset, so
 * the balances of an asset always sum up to 0.  `gross`, the sum of the
 * magnitudes of its negative balances (the outside world's included), bounds
 * every balance of the asset: who might raise it beyond CLR_AMOUNT_MAX
 * refuses with CLR_R_OVERFLOW beforehand, so a posting itself never fails.
 */
#include "engine/internal.h"

uint32_t
clr_wallet_find(const ClrEngine *e, uint32_t account, uint32_t asset)
{
	return clr_map_get(&e->wallet_map, (uint64_t) account << 32 | asset);
}

uint32_t
clr_wallet_get(ClrEngine *e, uint32_t account, uint32_t asset)
{
	uint64_t	key = (uint64_t) account << 32 | asset;
	uint32_t	index = clr_map_get(&e->wallet_map, key);
	ClrWallet  *w;

	if (index != CLR_NONE)
		return index;
	index = clr_pool_alloc(&e->wallets);
	if (index == CLR_NONE || !clr_map_put(&e->wallet_map, key, index))
	{
		e->oom = true;
		return CLR_NONE;
	}
	w = wallet_at(e, index);
	memset(w, 0, sizeof(*w));
	w->account = account;
	w->asset = asset;
	return index;
}

static inline int64_t
negative_part(int64_t balance)
{
	return balance < 0 ? -balance : 0;
}

/* Moves amount (> 0) from debit to credit and reports the entry. */
void
clr_post(ClrEngine *e, uint32_t debit, uint32_t credit, int64_t amount,
		 ClrLedgerKind kind, uint64_t subject)
{
	ClrWallet  *from = wallet_at(e, debit);
	ClrWallet  *to = wallet_at(e, credit);
	ClrAsset   *asset = asset_at(e, from->asset);
	ClrLedgerEvent l;

	asset->gross -= negative_part(from->balance) + negative_part(to->balance);
	from->balance -= amount;
	to->balance += amount;
	asset->gross += negative_part(from->balance) + negative_part(to->balance);

	l.asset = from->asset;
	l.entry = e->house.next_entry++;
	l.debit_account = from->account;
	l.credit_account = to->account;
	l.amount = amount;
	l.debit_balance = from->balance;
	l.credit_balance = to->balance;
	l.subject = subject;
	l.kind = (uint8_t) kind;
	clr_emit_ledger(e, &l);
}

/*
 * Common part of deposit and withdrawal.  The operator may fund the house's
 * fee account (rebates are paid from it) and take income out of it; the other
 * accounts of the house move only by themselves.
 */
static ClrReason
check_cash(ClrEngine *e, const ClrCommand *cmd)
{
	if (!account_exists(e, cmd->account))
		return CLR_R_UNKNOWN_ACCOUNT;
	if (cmd->account == CLR_ACCOUNT_WORLD ||
		cmd->account == CLR_ACCOUNT_SETTLEMENT)
		return CLR_R_SYSTEM_ACCOUNT;
	if (!asset_exists(e, cmd->u.cash.asset))
		return CLR_R_UNKNOWN_ASSET;
	e->out.asset = cmd->u.cash.asset;
	if (cmd->u.cash.amount <= 0 || cmd->u.cash.amount > CLR_AMOUNT_MAX)
		return CLR_R_AMOUNT_INVALID;
	return CLR_OK;
}

ClrReason
clr_do_deposit(ClrEngine *e, const ClrCommand *cmd)
{
	ClrReason	reason = check_cash(e, cmd);
	int64_t		amount = cmd->u.cash.amount;
	ClrAsset   *asset;
	uint32_t	wallet;

	if (reason != CLR_OK)
		return reason;
	asset = asset_at(e, cmd->u.cash.asset);
	if (amount > CLR_AMOUNT_MAX - asset->gross)
		return CLR_R_OVERFLOW;
	wallet = clr_wallet_get(e, cmd->account, cmd->u.cash.asset);
	if (wallet == CLR_NONE)
		return CLR_OK;
	e->out.id = e->house.next_entry;
	clr_post(e, asset->world, wallet, amount, CLR_LEDGER_DEPOSIT, 0);
	return CLR_OK;
}

/*
 * What may leave is cash that is there and not needed as collateral:
 * unrealised profit is not paid out before it is settled.
 */
ClrReason
clr_do_withdraw(ClrEngine *e, const ClrCommand *cmd)
{
	ClrReason	reason = check_cash(e, cmd);
	int64_t		amount = cmd->u.cash.amount;
	clr_int128	available;
	ClrWallet  *w;
	uint32_t	wallet;

	if (reason != CLR_OK)
		return reason;
	wallet = clr_wallet_get(e, cmd->account, cmd->u.cash.asset);
	if (wallet == CLR_NONE)
		return CLR_OK;
	w = wallet_at(e, wallet);
	available = wallet_equity(w) - w->initial - w->spot_reserve;
	if (available > w->balance - w->spot_reserve)
		available = w->balance - w->spot_reserve;
	if (amount > available)
	{
		e->out.needed = amount;
		e->out.available = saturate(available);
		return CLR_R_INSUFFICIENT_FUNDS;
	}
	e->out.id = e->house.next_entry;
	clr_post(e, wallet, asset_at(e, cmd->u.cash.asset)->world, amount,
			 CLR_LEDGER_WITHDRAWAL, 0);
	return CLR_OK;
}
