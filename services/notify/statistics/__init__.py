"""How deliveries and endpoints are doing, counted over what MongoDB holds."""
